(* Proof of R4 with momentum tied to a window that grows: the mirrored iterate looks further ahead from step to step. *)
From Coq Require Import Reals Lra Lia Psatz.
From Kernel Require Import Model Generated Base Statements Runs Window Regret Momentum.
Open Scope R_scope.

(* ---- The coefficients: c grows by rho at most *)
Section Coefficients.
Variables (gamma omega0 delta : R) (T : nat).
Let mu (t : nat) := gamma * (omega0 + INR t) / delta.
Let eta := gamma / delta.
Let q := gamma / (delta * (1 - gamma) ^ 2).
Let rho := q / (1 - q).
Let C := look_ahead mu T.
Hypothesis (Ga : 0 <= gamma < 1) (De : 1 <= delta) (Om : 0 <= omega0) (Cap : omega0 + INR T <= delta).
Hypothesis (Slow : 2 * gamma < delta * (1 - gamma) ^ 2).
Lemma rho_range : 0 <= rho < 1 /\ eta * (1 + rho) = rho * (1 - gamma) ^ 2.
Proof.
  assert (K : 0 < (1 - gamma) ^ 2) by (simpl; nra). assert (P : 0 < delta * (1 - gamma) ^ 2) by nra.
  assert (Q : 0 <= q < 1 / 2).
  { unfold q. split; [apply div_nonneg; lra|]. apply (Rmult_lt_reg_r (delta * (1 - gamma) ^ 2)); [exact P|].
    unfold Rdiv. rewrite Rmult_assoc, Rinv_l; lra. }
  assert (E : eta = q * (1 - gamma) ^ 2) by (unfold eta, q; field; lra).
  unfold rho. repeat split; [apply div_nonneg; lra | | rewrite E; field; lra].
  apply (Rmult_lt_reg_r (1 - q)); [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l; lra.
Qed.
Lemma mu_range t : (t <= T)%nat -> 0 <= mu t <= gamma.
Proof.
  intros L. apply le_INR in L. pose proof (pos_INR t). unfold mu. split; [apply div_nonneg; nra | apply div_le_of; nra].
Qed.
Lemma mu_step t : mu (S t) = mu t + eta.
Proof. unfold mu, eta. rewrite S_INR. field. lra. Qed.
Lemma eta_pos : 0 <= eta.
Proof. unfold eta. apply div_nonneg; lra. Qed.
(* c_(t+1) (1 - mu_t) lies between mu_t and mu_t + rho, going backwards from t = T. *)
Lemma look_ahead_between j : (j < T)%nat ->
  0 <= C j /\ mu (T - j)%nat <= C j * (1 - mu (T - j)%nat) <= mu (T - j)%nat + rho /\ C j <= C 0.
Proof.
  destruct rho_range as [[R0 R1] RE]. pose proof eta_pos as E0. induction j as [|j IH]; intros L.
  - rewrite Nat.sub_0_r. pose proof (mu_range T (le_n T)). unfold C. cbn [look_ahead].
    set (m := mu T) in *. replace (m / (1 - m) * (1 - m)) with m by (field; lra).
    repeat split; try lra. apply div_nonneg; lra.
  - specialize (IH ltac:(lia)). destruct IH as (A0 & [A1 A2] & A3).
    change (C (S j)) with (mu (T - j)%nat * (1 + C j)).
    pose proof (mu_range (T - j) ltac:(lia)) as M. pose proof (mu_range (T - S j) ltac:(lia)) as O.
    assert (Q : mu (T - j)%nat = mu (T - S j)%nat + eta) by (rewrite <- mu_step; f_equal; lia).
    set (m := mu (T - j)%nat) in *. set (p := mu (T - S j)%nat) in *. set (a := C j) in *.
    assert (X0 : 0 <= m * (1 + a)) by (apply Rmult_le_pos; lra).
    assert (X1 : m <= m * (1 + a) * (1 - m)) by nra.
    assert (X2 : m * (1 + a) * (1 - m) <= m * (1 + rho)) by nra.
    assert (X3 : m * (1 + a) <= a) by lra.
    repeat split; [exact X0 | nra | | lra].
    apply (Rmult_le_reg_r (1 - m)); [lra|].
    assert (G2 : rho * (1 - gamma) ^ 2 <= rho * (1 - m) ^ 2) by (apply Rmult_le_compat_l; simpl; nra).
    assert (G3 : eta * (1 + m * rho) <= eta * (1 + rho)) by (apply Rmult_le_compat_l; nra).
    apply Rle_trans with (m * (1 + rho) * (1 - p)); [nra|].
    assert (Ep : p = m - eta) by lra. rewrite Ep. simpl in G2, RE. nra.
Qed.
Lemma look_ahead_step j : (j < T)%nat -> C (S j) <= C j /\ C j - C (S j) <= rho.
Proof.
  intros L. destruct (look_ahead_between j L) as (A0 & [A1 A2] & _). change (C (S j)) with (mu (T - j)%nat * (1 + C j)). nra.
Qed.
(* What the factors of the bound become: 1/(1 + c_2) <= 1 - mu_2, 1 + c_(t+2) <= 1/(1 - gamma), c_2 <= gamma/(1 - gamma). *)
Lemma look_ahead_first : (2 <= T)%nat ->
  / (1 + C (T - 1)) <= 1 - mu 2 /\ C (T - 1) <= gamma / (1 - gamma).
Proof.
  intros L. destruct (look_ahead_between (T - 2) ltac:(lia)) as (A0 & [A1 _] & _).
  destruct (look_ahead_between (T - 1) ltac:(lia)) as (B0 & _ & B1).
  replace (T - (T - 2))%nat with 2%nat in A1 by lia. pose proof (mu_range 2 L) as M. pose proof (mu_range T (le_n T)) as MT.
  assert (E : C (T - 1) = mu 2 * (1 + C (T - 2))).
  { replace (T - 1)%nat with (S (T - 2)) by lia. unfold C at 1. cbn [look_ahead].
    replace (T - (T - 2))%nat with 2%nat by lia. reflexivity. }
  split.
  - assert (1 <= (1 + C (T - 1)) * (1 - mu 2)) by (rewrite E; nra).
    apply (Rmult_le_reg_l (1 + C (T - 1))); [lra|]. rewrite Rinv_r; lra.
  - eapply Rle_trans; [exact B1|]. change (C 0) with (mu T / (1 - mu T)). apply div_le_of; [lra|].
    apply (Rmult_le_reg_r (1 - gamma)); [lra|]. unfold Rdiv. replace (gamma * / (1 - gamma) * (1 - mu T) * (1 - gamma))
      with (gamma * (1 - mu T)) by (field; lra). nra.
Qed.
Lemma look_ahead_last j : (j < T)%nat -> 1 + C j <= / (1 - gamma).
Proof.
  intros L. destruct (look_ahead_between j L) as (_ & _ & B). pose proof (mu_range T (le_n T)).
  apply Rle_trans with (1 + C 0); [lra|]. change (C 0) with (mu T / (1 - mu T)).
  replace (1 + mu T / (1 - mu T)) with (/ (1 - mu T)) by (field; lra). apply Rinv_le_contravar; lra.
Qed.
End Coefficients.

Lemma previous_positive h T : (forall t, (t < T)%nat -> 0 < h t) -> 0 <= previous h T.
Proof. intros P. destruct T as [|t]; cbn [previous]; [lra | left; apply P; lia]. Qed.
(* A factor that falls does not add to the increases of what it multiplies. *)
Lemma variation_falling h a T : (forall t, (t < T)%nat -> 0 < h t) -> (forall t, (S t < T)%nat -> h t <= h (S t)) ->
  (forall t, (t < T)%nat -> 0 < a t <= a 0%nat) -> (forall t, (S t < T)%nat -> a (S t) <= a t) ->
  variation (fun t => a t * h t) T <= a 0%nat * previous h T.
Proof.
  intros P M A F. induction T as [|T IH]; [simpl; unfold variation; simpl; lra|].
  unfold variation in *. rewrite sum_S. cbn [previous].
  specialize (IH ltac:(intros; apply P; lia) ltac:(intros; apply M; lia) ltac:(intros; apply A; lia)
    ltac:(intros; apply F; lia)). pose proof (P T ltac:(lia)). destruct (A T ltac:(lia)) as [A0 A1].
  destruct T as [|T]; cbn [previous] in *.
  - simpl sum in *. rewrite Rmax_right by nra. lra.
  - specialize (M T ltac:(lia)). specialize (F T ltac:(lia)). destruct (A T ltac:(lia)).
    apply Rle_trans with (a 0%nat * h T + a 0%nat * (h (S T) - h T)); [|lra]. apply Rplus_le_compat; [exact IH|].
    apply Rmax_lub; [nra|]. pose proof (P T ltac:(lia)). nra.
Qed.

(* Summation by parts: coefficients that grow by rho at most cost the first excess and rho times the sum of excesses. *)
Lemma growing_telescope (k P e : nat -> R) rho n : 0 <= rho -> (forall t, 0 <= e t) -> P 0%nat = 0 ->
  (forall t, (S t < n)%nat -> P (S t) <= e t - e (S t)) -> (forall t, (S t < n)%nat -> 0 <= k (S t)) ->
  (forall t, (S (S t) < n)%nat -> k (S (S t)) - k (S t) <= rho) -> (2 <= n)%nat ->
  sum (fun t => k t * P t) n <= k 1%nat * e 0%nat + rho * sum e n.
Proof.
  intros R0 E P0 Pt K Gr L.
  enough (H : forall m, (S (S m) <= n)%nat ->
    sum (fun t => k t * P t) (S (S m)) <= k 1%nat * e 0%nat - k (S m) * e (S m) + rho * sum e (S m)).
  { destruct n as [|[|m]]; [lia | lia|]. specialize (H m (le_n _)). rewrite (sum_S e).
    pose proof (E (S m)). specialize (K m ltac:(lia)). nra. }
  induction m as [|m IH]; intros Lm.
  - rewrite !sum_S. simpl sum. rewrite P0. specialize (Pt 0%nat ltac:(lia)). specialize (K 0%nat ltac:(lia)).
    pose proof (E 0%nat). nra.
  - rewrite sum_S, (sum_S e). specialize (IH ltac:(lia)). specialize (Pt (S m) ltac:(lia)).
    specialize (K (S m) ltac:(lia)). specialize (Gr m ltac:(lia)). pose proof (E (S m)). pose proof (E (S (S m))). nra.
Qed.

(* ---- The run *)
Section Run.
Variables (o : Dwmgrad.options) (d : nat) (f : game) (x1 u : point) (D : nat -> R) (T : nat) (delta : R).
Notation r := (Dwmgrad.rule o).
Let l := losses r free f x1.
Let mu := tied_momentum o delta.
Let C := look_ahead mu T.
Hypothesis (V : window_options o) (St : step_options o) (Sc : sqrt_schedule o) (Si : signal_loss o).
Hypothesis (Ga : momentum_options o) (Mo : Dwmgrad.o_momentum o = Dwmgrad.Momentum_tied).
Hypothesis (De : Dwmgrad.o_delta o = Finite delta) (Cap : Dwmgrad.o_omega0 o + INR T <= delta).
Hypothesis (Slow : 2 * Dwmgrad.o_gamma o < delta * (1 - Dwmgrad.o_gamma o) ^ 2) (T2 : (2 <= T)%nat).
Hypothesis (Po : forall t x, 0 < loss f t x).
Lemma tied_window t : (t <= T)%nat -> window o l t = Dwmgrad.o_omega0 o + INR t.
Proof.
  apply window_expanding; try assumption; [intro; apply Po|]. unfold below_cap. rewrite De. exact Cap.
Qed.
Lemma tied_mu t : (S t <= T)%nat -> momentum o l (S t) = mu (S t).
Proof. intros L. rewrite momentum_form, Mo, De, tied_window by exact L. reflexivity. Qed.
Lemma tied_delta : 1 <= delta /\ 0 <= Dwmgrad.o_omega0 o.
Proof. destruct V as (O0 & _ & B). unfold below_cap in B. rewrite De in B. lra. Qed.
Lemma tied_kept t : (t < T)%nat -> INR (S t) <= window o l (S t) <=
  sqrt (1 + Dwmgrad.o_omega0 o) ^ 2 * INR (S t) * leak (window o l) t.
Proof.
  intros L. destruct tied_delta as [_ Z]. rewrite (leak_expanding _ _ t T Z tied_window L), tied_window by lia.
  rewrite <- Rsqr_pow2, Rsqr_sqrt by lra. pose proof (INR_S_ge1 t). nra.
Qed.

Section Coordinate.
Variable i : nat.
Hypothesis Mv : 0 < Dwmgrad.o_eps o \/ gradient f 0 x1 i <> 0.
Hypothesis Near : forall t, (t < T)%nat -> Rabs (tied_mirrored o delta f x1 T i t - u i) <= D i.
Let x := iterates r free f x1 i.
Let g := gradients r free f x1 i.
Let W t := velocity o l x g t.
Let z t := x t - C (T - t) * W t.
Let h t := preconditioner o l x g t.
Let a t := / (1 + C (T - S t)).
Lemma tied_h_pos t : (t < T)%nat -> 0 < h t.
Proof. intros L. apply (h_positive o l x g _ T V St Sc (sqrt_pos _) tied_kept Mv t L). Qed.
Lemma tied_factor t : (t < T)%nat -> 0 < 1 + C (T - S t).
Proof.
  intros L. destruct tied_delta. unfold C, mu.
  destruct (look_ahead_between _ _ _ T Ga H H0 Cap Slow (T - S t) ltac:(lia)) as (A & _). 
  change (fun t => tied_momentum o delta t) with (tied_momentum o delta). unfold tied_momentum. lra.
Qed.
Lemma tied_moves t : (t < T)%nat -> a t * h t * (z t - z (S t)) = g t.
Proof.
  intros L. pose proof (tied_h_pos t L) as P. pose proof (tied_factor t L) as F.
  assert (X : x (S t) = x t - W (S t)) by apply (dwmgrad_theta o free f x1 i t).
  assert (VS : W (S t) = mu (S t) * W t + g t / h t).
  { unfold W. rewrite velocity_step, tied_mu by lia. f_equal. unfold h in *. rewrite preconditioner_form in *.
    pose proof (step_size_range o l t St). set (b := sqrt (moment o l x g (S t)) + Dwmgrad.o_eps o) in *.
    assert (b <> 0) by (intros Z; rewrite Z, div_zero_left in P; lra). field. split; lra. }
  assert (E : C (T - t) = mu (S t) * (1 + C (T - S t))).
  { replace (T - t)%nat with (S (T - S t)) by lia. unfold C at 1. cbn [look_ahead].
    replace (T - (T - S t))%nat with (S t) by lia. reflexivity. }
  unfold z, a. rewrite X, E, VS. field. lra.
Qed.
Lemma tied_factors :
  (forall t, (t < T)%nat -> 0 < a t <= a 0%nat) /\ (forall t, (S t < T)%nat -> a (S t) <= a t) /\
  a 0%nat <= 1 - mu 2 /\ forall t, (t < T)%nat -> / a t <= / (1 - Dwmgrad.o_gamma o).
Proof.
  destruct tied_delta as [D1 Z].
  assert (F : forall t, (S t < T)%nat -> a (S t) <= a t).
  { intros t L. unfold a. apply Rinv_le_contravar; [apply tied_factor; lia|]. apply Rplus_le_compat_l.
    destruct (look_ahead_step _ _ _ T Ga D1 Z Cap Slow (T - S (S t)) ltac:(lia)) as [Q _].
    replace (S (T - S (S t))) with (T - S t)%nat in Q by lia. exact Q. }
  split; [|split; [exact F | split]].
  - intros t L. split; [apply Rinv_0_lt_compat, tied_factor, L|]. induction t as [|t IH]; [lra|].
    eapply Rle_trans; [apply F; lia | apply IH; lia].
  - apply (look_ahead_first _ _ _ T Ga D1 Z Cap Slow T2).
  - intros t L. unfold a. rewrite Rinv_inv. apply (look_ahead_last _ _ _ T Ga D1 Z Cap Slow (T - S t)). lia.
Qed.
Lemma tied_potential : sum (fun t => g t * (x t - u i)) T <= D i ^ 2 / 2 * (1 - mu 2) * previous h T
  + / (1 - Dwmgrad.o_gamma o) * sum (fun t => g t ^ 2 / (2 * h t)) T + sum (fun t => C (T - t) * (g t * W t)) T.
Proof.
  destruct tied_factors as (A & F & A2 & A3). set (H t := a t * h t).
  assert (HP : forall t, (t < T)%nat -> 0 < H t).
  { intros t L. apply Rmult_lt_0_compat; [apply A, L | apply tied_h_pos, L]. }
  assert (GH : forall t, (t < T)%nat -> H t * (z t - z (S t)) = g t) by (intros; apply tied_moves; assumption).
  assert (Nr : forall t, (t < T)%nat -> Rabs (z t - u i) <= D i).
  { intros t L. pose proof (Near t L) as Q. unfold tied_mirrored in Q. rewrite run_coord in Q. exact Q. }
  pose proof (potential H z (fun t => z (S t)) g x (u i) (D i) T (fun t L => Rlt_le _ _ (HP t L)) Nr
    (fun t L => Rle_refl _)) as Q. cbv zeta in Q.
  assert (M : forall t, (S t < T)%nat -> h t <= h (S t)).
  { intros t L. apply (h_monotone o l x g (sqrt (1 + Dwmgrad.o_omega0 o)) T V St Sc tied_kept t L). }
  pose proof (variation_falling h a T tied_h_pos M A F) as Va. fold H in Va.
  rewrite (sum_ext (fun t => Rabs (g t - H t * (z t - z (S t)))) (fun _ => 0 * 0)) in Q.
  2: { intros t L. rewrite GH by exact L. unfold Rminus. rewrite Rplus_opp_r, Rabs_R0. ring. }
  rewrite (sum_ext (fun t => g t * (x t - z t)) (fun t => C (T - t) * (g t * W t))) in Q by (intros; unfold z; ring).
  rewrite sum_scal in Q.
  assert (S2 : sum (fun t => H t * (z t - z (S t)) * (z t - z (S t)) / 2) T
    <= / (1 - Dwmgrad.o_gamma o) * sum (fun t => g t ^ 2 / (2 * h t)) T).
  { rewrite <- sum_scal. apply sum_le. intros t L. pose proof (GH t L) as G1. pose proof (HP t L). pose proof (tied_h_pos t L).
    assert (zz : z t - z (S t) = g t / H t) by (rewrite <- G1; field; lra). rewrite G1, zz.
    destruct (A t L). replace (g t * (g t / H t) / 2) with (/ a t * (g t ^ 2 / (2 * h t))) by (unfold H; field; lra).
    apply Rmult_le_compat_r; [apply div_nonneg; [apply pow2_ge_0 | lra] | apply A3, L]. }
  assert (V2 : D i ^ 2 / 2 * variation H T <= D i ^ 2 / 2 * (1 - mu 2) * previous h T).
  { rewrite Rmult_assoc. apply Rmult_le_compat_l; [pose proof (pow2_ge_0 (D i)); lra|].
    eapply Rle_trans; [exact Va|]. apply Rmult_le_compat_r; [|exact A2].
    apply previous_positive, tied_h_pos. }
  lra.
Qed.
End Coordinate.

Lemma velocity_gain t : convex_on everywhere d f -> (forall t x, loss f t x = loss f 0 x) ->
  sum (fun i => gradients r free f x1 i (S t)
    * velocity o l (iterates r free f x1 i) (gradients r free f x1 i) (S t)) d
    <= loss f 0 (theta (run r free f x1 t)) - loss f 0 (theta (run r free f x1 (S t))).
Proof.
  intros Co Fix. set (p := theta (run r free f x1 t)). set (p' := theta (run r free f x1 (S t))).
  pose proof (Co (S t) p' p I I) as Q. rewrite !(Fix (S t)) in Q.
  rewrite (sum_ext _ (fun i => -1 * (gradient f (S t) p' i * (p' i - p i)))); [rewrite sum_scal; lra|].
  intros i _. assert (Th : p' i = p i - velocity o l (iterates r free f x1 i) (gradients r free f x1 i) (S t))
    by apply (dwmgrad_theta o free f x1 i t).
  change (gradients r free f x1 i (S t)) with (gradient f (S t) p' i). rewrite Th. ring.
Qed.
End Run.

Theorem R4_tied_proof : R4_tied.
Proof.
  intros o d f x1 u D T delta gamma alpha omega0 q rho V St Sc Si Ga Mo De Cap Slow T2 Co Fix Po Mi Mv Nr.
  set (r := Dwmgrad.rule o). set (l := losses r free f x1). set (mu := tied_momentum o delta).
  set (x i := iterates r free f x1 i). set (g i := gradients r free f x1 i). set (C := look_ahead mu T).
  set (W i t := velocity o l (x i) (g i) t).
  destruct (tied_delta o delta V De) as [D1 Z].
  destruct (rho_range gamma delta Ga D1 Slow) as [[R0 R1] _]. fold q in R0, R1. fold rho in R0, R1.
  set (e t := loss f 0 (theta (run r free f x1 t)) - loss f 0 u).
  assert (Re : regret r free f x1 u T = sum e T).
  { apply sum_ext. intros t _. rewrite (Fix t (theta _)), (Fix t u). reflexivity. }
  assert (Tel : sum (fun t => C (T - t)%nat * sum (fun i => g i t * W i t) d) T <= C (T - 1)%nat * e 0%nat + rho * sum e T).
  { apply (growing_telescope (fun t => C (T - t)%nat) _ e rho T R0); [| | | | |exact T2].
    - intros t. unfold e. specialize (Mi (theta (run r free f x1 t))). lra.
    - rewrite (sum_ext _ (fun i => 0 * 0)); [rewrite sum_scal; ring|]. intros i _. unfold W, velocity. simpl. ring.
    - intros t L. pose proof (velocity_gain o d f x1 t Co Fix) as Q. unfold e. fold r l in Q. unfold W, x, g. lra.
    - intros t L. apply (look_ahead_between gamma omega0 delta T Ga D1 Z Cap Slow (T - S t)). lia.
    - intros t L. destruct (look_ahead_step gamma omega0 delta T Ga D1 Z Cap Slow (T - S (S t)) ltac:(lia)) as [_ Q].
      replace (S (T - S (S t))) with (T - S t)%nat in Q by lia. exact Q. }
  assert (Le : C (T - 1)%nat * e 0%nat <= gamma / (1 - gamma) * (loss f 0 x1 - loss f 0 u)).
  { destruct (look_ahead_first gamma omega0 delta T Ga D1 Z Cap Slow T2) as [_ Q].
    change (e 0%nat) with (loss f 0 x1 - loss f 0 u). specialize (Mi x1). apply Rmult_le_compat_r; [lra | exact Q]. }
  assert (By : regret r free f x1 u T <= sum (fun i => sum (fun t => g i t * (x i t - u i)) T) d).
  { apply (regret_by_coordinates r free f x1 d everywhere); [exact Co | exact I | intros; exact I]. }
  rewrite Re in *.
  assert (Sw : sum (fun i => sum (fun t => C (T - t)%nat * (g i t * W i t)) T) d
    = sum (fun t => C (T - t)%nat * sum (fun i => g i t * W i t) d) T).
  { rewrite sum_swap. apply sum_ext. intros t _. apply sum_scal. }
  enough (Ma : sum (fun i => sum (fun t => g i t * (x i t - u i)) T) d <= sum (fun i =>
    D i ^ 2 / (2 * alpha) * (1 - gamma * (omega0 + 2) / delta) * (free_size o f x1 i T + Dwmgrad.o_eps o * sqrt (INR T))
    + alpha * sqrt (1 + omega0) / (1 - gamma) * free_size o f x1 i T) d
    + sum (fun i => sum (fun t => C (T - t)%nat * (g i t * W i t)) T) d) by lra.
  rewrite <- sum_plus. apply sum_le. intros i I'.
  eapply Rle_trans; [apply (tied_potential o f x1 u D T delta V St Sc Si Ga Mo De Cap Slow T2 Po i (Mv i I') (fun t => Nr i t I'))|].
  apply Rplus_le_compat_r. fold r l. change (iterates r free f x1 i) with (x i). change (gradients r free f x1 i) with (g i).
  pose proof (tied_kept o f x1 T delta V Si De Cap T2 Po) as K. fold r l in K.
  pose proof (second_sum o l (x i) (g i) _ T V St Sc (sqrt_pos _) K (Mv i I')) as S2.
  pose proof (h_last o l (x i) (g i) _ T V St Sc K) as HL. destruct St as [A E]. pose proof Ga as [G0 G1].
  change (free_size o f x1 i T) with (size (g i) T). set (s := size (g i) T) in *. fold alpha omega0 in S2, HL.
  assert (I1 : 0 < / (1 - gamma)) by (apply Rinv_0_lt_compat; fold gamma in G1; lra).
  set (h := preconditioner o l (x i) (g i)) in *.
  assert (P1 : previous h T <= (s + Dwmgrad.o_eps o * sqrt (INR T)) / alpha) by (apply le_div_of; [exact A | lra]).
  apply Rplus_le_compat.
  - unfold tied_momentum. replace (INR 2) with 2 by (simpl; ring). fold gamma omega0. set (m := 1 - gamma * (omega0 + 2) / delta).
    assert (M0 : 0 <= m).
    { pose proof (mu_range gamma omega0 delta T Ga D1 Z Cap 2 T2) as Q. cbv beta in Q. replace (INR 2) with 2 in Q by (simpl; ring).
      unfold m. change (gamma < 1) in G1. lra. }
    apply Rle_trans with (D i ^ 2 / 2 * m * ((s + Dwmgrad.o_eps o * sqrt (INR T)) / alpha)); [|right; field; fold alpha in A; lra].
    apply Rmult_le_compat_l; [|exact P1]. pose proof (pow2_ge_0 (D i)). apply Rmult_le_pos; lra.
  - fold gamma. apply (Rmult_le_compat_l (/ (1 - gamma))) in S2; [|lra]. eapply Rle_trans; [exact S2|]. right. unfold Rdiv. ring.
Qed.
