(* Proofs about rounding: relative errors multiply, and the projection does not widen a difference. *)
From Coq Require Import Reals Lra Lia Psatz.
From Kernel Require Import Model Generated Base Statements Runs Window Regret Rounded FloatStatements.
Open Scope R_scope.

(* ---- y is x up to a factor between q^-k and q^k *)
Section Relative.
Variable q : R.
Hypothesis Q : 1 <= q.
Definition rel (k : nat) (x y : R) : Prop := exists r, y = x * r /\ / q ^ k <= r <= q ^ k.
Lemma power_ge1 k : 1 <= q ^ k.
Proof. apply pow_R1_Rle, Q. Qed.
Lemma inverse_le1 k : 0 < / q ^ k <= 1.
Proof.
  pose proof (power_ge1 k). split; [apply Rinv_0_lt_compat; lra|]. rewrite <- Rinv_1. apply Rinv_le_contravar; lra.
Qed.
Lemma power_le j k : (j <= k)%nat -> q ^ j <= q ^ k /\ / q ^ k <= / q ^ j.
Proof.
  intros L. assert (q ^ j <= q ^ k) by (apply Rle_pow; assumption). pose proof (power_ge1 j).
  split; [assumption | apply Rinv_le_contravar; lra].
Qed.
Lemma rel_same x : rel 0 x x.
Proof. exists 1. simpl. split; [ring | lra]. Qed.
Lemma rel_weaker j k x y : (j <= k)%nat -> rel j x y -> rel k x y.
Proof. intros L (r & E & B). exists r. destruct (power_le j k L). split; [exact E | lra]. Qed.
Lemma factors_mult j k r s : / q ^ j <= r <= q ^ j -> / q ^ k <= s <= q ^ k ->
  / q ^ (j + k) <= r * s <= q ^ (j + k).
Proof.
  intros [R1 R2] [S1 S2]. pose proof (inverse_le1 j). pose proof (inverse_le1 k). pose proof (power_ge1 j).
  pose proof (power_ge1 k). rewrite pow_add, Rinv_mult.
  split; apply Rmult_le_compat; lra.
Qed.
Lemma factor_inverse k r : / q ^ k <= r <= q ^ k -> / q ^ k <= / r <= q ^ k.
Proof.
  intros [R1 R2]. pose proof (inverse_le1 k). pose proof (power_ge1 k).
  split; [apply Rinv_le_contravar; lra|]. rewrite <- (Rinv_inv (q ^ k)). apply Rinv_le_contravar; lra.
Qed.
Lemma rel_mult j k x y z w : rel j x y -> rel k z w -> rel (j + k) (x * z) (y * w).
Proof. intros (r & -> & A) (s & -> & B). exists (r * s). split; [ring | apply factors_mult; assumption]. Qed.
Lemma rel_div j k x y z w : z <> 0 -> rel j x y -> rel k z w -> rel (j + k) (x / z) (y / w).
Proof.
  intros Z (r & -> & A) (s & -> & B). pose proof (inverse_le1 k). exists (r * / s).
  split; [field; split; lra | apply factors_mult; [exact A | apply factor_inverse, B]].
Qed.
Lemma rel_sqrt k x y : 0 <= x -> rel k x y -> rel k (sqrt x) (sqrt y).
Proof.
  intros X (r & -> & A). pose proof (inverse_le1 k) as I. pose proof (power_ge1 k) as P. exists (sqrt r).
  split; [apply sqrt_mult; lra|]. split; [apply le_sqrt_of; nra | apply sqrt_le_of; nra].
Qed.
Lemma rel_plus k x y z w : 0 <= x -> 0 <= z -> rel k x y -> rel k z w -> rel k (x + z) (y + w).
Proof.
  intros X Z (r & -> & A) (s & -> & B). destruct (Req_dec (x + z) 0) as [E|N].
  - exists 1. pose proof (inverse_le1 k). pose proof (power_ge1 k). assert (x = 0) as -> by lra. assert (z = 0) as -> by lra.
    split; [ring | lra].
  - exists ((x * r + z * s) / (x + z)). split; [field; exact N|]. split; [apply le_div_of | apply div_le_of]; nra.
Qed.
Lemma rel_far k x y : rel k x y -> Rabs (y - x) <= (q ^ k - 1) * Rabs x.
Proof.
  intros (r & -> & A). pose proof (inverse_le1 k). pose proof (power_ge1 k) as P.
  replace (x * r - x) with ((r - 1) * x) by ring. rewrite Rabs_mult. apply Rmult_le_compat_r; [apply Rabs_pos|].
  assert (1 - / q ^ k <= q ^ k - 1).
  { set (p := q ^ k) in *. assert (E : / p * p = 1) by (apply Rinv_l; lra). nra. }
  apply Rabs_le. lra.
Qed.
End Relative.

(* ---- Rounding *)
Section Rounding.
Variables (rnd : R -> R) (u : R) (N : nat).
Hypothesis (U : 0 <= u <= 1 / 16) (Rn : rounds rnd u N).
Let q := / (1 - u).
Lemma q_ge1 : 1 <= q.
Proof. unfold q. rewrite <- Rinv_1. apply Rinv_le_contravar; lra. Qed.
Lemma rnd_zero : rnd 0 = 0.
Proof. destruct Rn as [H _]. specialize (H 0). rewrite Rabs_R0, Rminus_0_r, Rmult_0_r in H. apply abs_le in H. lra. Qed.
Lemma rnd_positive x : 0 < x -> 0 < rnd x.
Proof.
  intros P. destruct Rn as [H _]. specialize (H x). rewrite (Rabs_pos_eq x) in H by lra. apply abs_le in H. nra.
Qed.
Lemma rnd_whole n : (n <= N)%nat -> rnd (INR n) = INR n.
Proof. apply Rn. Qed.
Lemma rel_rnd k x y : rel q k x y -> rel q (S k) x (rnd y).
Proof.
  intros A. replace (S k) with (k + 1)%nat by lia. assert (B : rel q 1 y (rnd y)).
  { destruct (Req_dec y 0) as [->|Y].
    - rewrite rnd_zero. exists 1. pose proof (inverse_le1 q q_ge1 1). pose proof (power_ge1 q q_ge1 1). split; [ring | lra].
    - exists (rnd y / y). split; [field; exact Y|]. destruct Rn as [H _]. specialize (H y).
      assert (E : rnd y / y - 1 = (rnd y - y) / y) by (field; exact Y).
      assert (F : Rabs (rnd y / y - 1) <= u).
      { rewrite E. unfold Rdiv. rewrite Rabs_mult, Rabs_inv. apply div_le_of; [apply Rabs_pos_lt, Y | exact H]. }
      apply abs_le in F. rewrite pow_1. unfold q. rewrite Rinv_inv. split; [lra|].
      apply Rle_trans with (1 + u); [lra|]. apply (Rmult_le_reg_r (1 - u)); [lra|]. rewrite Rinv_l by lra. nra. }
  destruct A as (r & -> & A), B as (s & -> & B). exists (r * s). split; [ring | apply factors_mult; try assumption; apply q_ge1].
Qed.
(* 1 - 1/w keeps its relative error because w is at least 2. *)
Lemma rel_one_less w p : 2 <= w -> rel q 1 (1 / w) p -> rel q 2 (1 - 1 / w) (1 - p).
Proof.
  intros W (r & -> & A). rewrite pow_1 in A. pose proof q_ge1 as Q. set (v := 1 / w) in *.
  assert (V : 0 < v <= 1 / 2).
  { unfold v. split; [apply Rdiv_lt_0_compat; lra | apply div_le_of; lra]. }
  assert (Q2 : q <= 16 / 15). { unfold q. replace (16 / 15) with (/ (15 / 16)) by lra. apply Rinv_le_contravar; lra. }
  assert (I : / q = 1 - u) by (unfold q; apply Rinv_inv).
  exists ((1 - v * r) / (1 - v)). split; [field; lra|].
  assert (E : / q * q = 1) by (apply Rinv_l; lra). replace (q ^ 2) with (q * q) by ring.
  rewrite Rinv_mult. set (j := / q) in *. split; [apply le_div_of | apply div_le_of]; try lra.
  - assert (q <= 2 - j * j).
    { apply (Rmult_le_reg_l j); [lra|]. rewrite E, I. assert (0 <= u * u * (1 / 16 - u)) by nra. nra. }
    apply Rle_trans with (1 - v * q); [|nra]. assert (v * (q - j * j) <= 1 / 2 * (q - j * j)) by nra. nra.
  - apply Rle_trans with (1 - v * j); [nra|]. assert (1 <= q * q) by nra. assert (q * q * j = q) by nra. nra.
Qed.
(* q^k is at most 1 + 2 k u while k u is at most a half. *)
Lemma power_bound k : INR k * u <= 1 / 2 -> q ^ k <= 1 + 2 * (INR k * u).
Proof.
  intros K. assert (B : 1 - INR k * u <= (1 - u) ^ k).
  { clear K. induction k as [|k IH]; [simpl; lra|]. rewrite S_INR. simpl pow. pose proof (pos_INR k). 
    assert (0 <= INR k * u) by nra. assert (0 <= (1 - u)) by lra. apply (Rmult_le_compat_l (1 - u)) in IH; [nra | lra]. }
  pose proof (pos_INR k). unfold q. rewrite pow_inv. set (a := INR k * u) in *.
  assert (0 <= a) by (unfold a; nra). apply Rle_trans with (/ (1 - a)); [apply Rinv_le_contravar; lra|].
  apply (Rmult_le_reg_r (1 - a)); [lra|]. rewrite Rinv_l by lra. nra.
Qed.
End Rounding.

(* ---- The float run's shared state: whole numbers are exact, only the step size is rounded *)
Section Run.
Variables (rnd : R -> R) (u : R) (o : Dwmgrad.options) (n T : nat).
Hypothesis (O : float_options rnd u o n T) (T1 : (1 <= T)%nat).
Notation F := (RoundedDwmgrad.rule rnd o).
Let N := (n + T)%nat.
Let q := / (1 - u).
Lemma float_rounds : rounds rnd u N.
Proof. apply O. Qed.
Lemma float_unit : 0 <= u <= 1 / 16.
Proof.
  destruct O as ((_ & _ & _ & _ & _ & _ & _) & U0 & U1 & _). pose proof (le_INR _ _ T1) as L. change (INR 1) with 1 in L.
  assert (0 <= (INR T - 1) * u) by (apply Rmult_le_pos; lra). lra.
Qed.
Lemma float_factor : 1 <= q.
Proof. apply q_ge1. exact float_unit. Qed.
Let Z : rnd 0 = 0 := rnd_zero rnd u N float_rounds.
Lemma float_whole m : (m <= n + T)%nat -> rnd (INR m) = INR m.
Proof. apply (rnd_whole rnd u N float_rounds). Qed.

Section Losses.
Variable l : nat -> R.
Hypothesis P : positive l.
Let s t := shared_after F l t.
Lemma float_time t : (t <= T)%nat -> Dwmgrad.k_t (s t) = INR t.
Proof.
  induction t as [|t IH]; intros L; [reflexivity|].
  change (rnd (Dwmgrad.k_t (s t) + 1) = INR (S t)). rewrite IH, <- S_INR by lia. apply float_whole. lia.
Qed.
Lemma float_scale t : Dwmgrad.k_scale (s t) = 1.
Proof.
  induction t as [|t IH]; [reflexivity|].
  change (RoundedDwmgrad.next_scale rnd o (s t) (l t) = 1). unfold RoundedDwmgrad.next_scale.
  destruct O as ((_ & _ & [_ G] & _) & _). rewrite G. exact IH.
Qed.
Lemma float_beta t : 0 <= Dwmgrad.k_beta (s t) /\ 0 < rnd (Dwmgrad.k_beta (s t) + l t).
Proof.
  assert (H : 0 <= Dwmgrad.k_beta (s t)).
  { induction t as [|t IH]; [apply Rle_refl|]. change (0 <= RoundedDwmgrad.next_beta rnd o (s t) (l t)).
    unfold RoundedDwmgrad.next_beta, RoundedDwmgrad.next_s. destruct O as ((_ & _ & _ & _ & Si & _) & _). rewrite Si.
    destruct (Dwmgrad.o_reset o); [rewrite Rmult_0_l, Z; lra|].
    left. apply (rnd_positive rnd u N float_unit float_rounds). specialize (P t). lra. }
  split; [exact H|]. apply (rnd_positive rnd u N float_unit float_rounds). specialize (P t). lra.
Qed.
Lemma float_window t : (t <= T)%nat -> Dwmgrad.k_omega (s t) = INR (n + t).
Proof.
  destruct O as ((_ & _ & _ & _ & Si & W0 & Cap) & _). induction t as [|t IH]; intros L.
  - rewrite Nat.add_0_r. exact W0.
  - change (RoundedDwmgrad.next_omega rnd o (s t) (l t) = INR (n + S t)).
    unfold RoundedDwmgrad.next_omega, RoundedDwmgrad.next_beta, RoundedDwmgrad.next_s.
    destruct (float_beta t) as [_ B]. rewrite IH by lia.
    assert (E : rnd (INR (n + t) + 1) = INR (n + S t)).
    { rewrite <- S_INR. replace (S (n + t)) with (n + S t)%nat by lia. apply float_whole. lia. }
    rewrite Si, E. unfold below_cap in Cap.
    assert (D : INR (n + S t) <= INR n + INR T) by (rewrite <- plus_INR; apply le_INR; lia).
    destruct (Dwmgrad.o_delta o) as [delta|], (Dwmgrad.o_reset o); rewrite if_greater_true by exact B; try reflexivity;
      choices; lra.
Qed.
Lemma float_momentum t : Dwmgrad.k_mu (s (S t)) = 0.
Proof.
  change (RoundedDwmgrad.next_mu rnd o (s t) (l t) = 0). unfold RoundedDwmgrad.next_mu.
  destruct O as ((_ & _ & _ & No & _) & _). destruct No as [G|[D M]]; [rewrite G | rewrite D, M; reflexivity].
  destruct (Dwmgrad.o_delta o), (Dwmgrad.o_momentum o); rewrite ?Rmult_0_l, ?Z, ?Rplus_0_l, ?div_zero_left, ?Z; reflexivity.
Qed.
Lemma float_step_size t : (t < T)%nat ->
  rel q 3 (Dwmgrad.o_alpha o / sqrt (INR (S t))) (Dwmgrad.k_alpha (s (S t))).
Proof.
  intros L. change (rel q 3 (Dwmgrad.o_alpha o / sqrt (INR (S t))) (RoundedDwmgrad.next_alpha rnd o (s t) (l t))).
  unfold RoundedDwmgrad.next_alpha, RoundedDwmgrad.next_t. destruct O as ((_ & _ & [Sc G] & _) & _).
  rewrite Sc, G, float_scale, float_time, <- S_INR, float_whole, Rmult_1_r by lia.
  apply (rel_rnd rnd u N float_unit float_rounds 2). pose proof (sqrt_pos_lt _ (INR_S_pos t)).
  apply (rel_div q float_factor 1 1); [lra | |]; apply (rel_rnd rnd u N float_unit float_rounds 0), rel_same.
Qed.
End Losses.

(* ---- One coordinate: the second moment and the velocity, on the same gradients *)
Section Coordinate.
Variables (l l' x x' g g' : nat -> R).
Hypothesis (P : positive l) (P' : positive l') (Same : forall t, (t < T)%nat -> g' t = g t).
Hypothesis Moves : 0 < Dwmgrad.o_eps o \/ g 0%nat <> 0.
Let G t := moment o l' x' g' t.
Let Gf t := Dwmgrad.c_G (coord_after F l x g t).
Lemma exact_window t : (t <= T)%nat -> window o l' t = INR (n + t).
Proof.
  destruct O as ((V & _ & _ & _ & Si & W0 & Cap) & _). intros L. rewrite plus_INR, <- W0.
  apply (window_expanding o l' t T); try assumption. rewrite W0. exact Cap.
Qed.
Lemma moments_near t : (t <= T)%nat -> rel q (5 * t) (G t) (Gf t).
Proof.
  pose proof float_factor as Q. induction t as [|t IH]; intros L.
  - apply (rel_same q).
  - assert (E : G (S t) = (1 - 1 / window o l' (S t)) * G t + g' t * g' t / window o l' (S t)) by reflexivity.
    rewrite E, exact_window, Same by lia.
    change (Gf (S t)) with (RoundedDwmgrad.coord_G rnd o (shared_after F l (S t)) (coord_after F l x g t) (x t) (g t)).
    unfold RoundedDwmgrad.coord_G. rewrite float_window by (assumption || lia). fold (Gf t).
    assert (W : 1 <= INR (n + S t)) by (apply (le_INR 1); lia).
    assert (G0 : 0 <= G t) by apply moment_nonneg, O.
    assert (I : 0 < 1 / INR (n + S t) <= 1).
    { split; [apply Rdiv_lt_0_compat; lra | apply div_le_of; lra]. }
    replace (5 * S t)%nat with (S (5 * t + 4)) by lia. apply (rel_rnd rnd u N float_unit float_rounds).
    apply rel_plus; [exact Q | nra | apply div_nonneg; nra | |].
    + destruct t as [|t].
      * change (Gf 0) with 0. change (G 0) with 0. rewrite !Rmult_0_r, Z. apply (rel_weaker q Q 0); [lia | apply rel_same].
      * replace (5 * S t + 4)%nat with (S (3 + 5 * S t)) by lia. apply (rel_rnd rnd u N float_unit float_rounds).
        apply rel_mult; [exact Q | | apply IH; lia]. apply (rel_rnd rnd u N float_unit float_rounds 2).
        apply (rel_one_less u float_unit); [apply (le_INR 2); lia|].
        apply (rel_rnd rnd u N float_unit float_rounds 0), rel_same.
    + apply (rel_weaker q Q 2); [lia|]. apply (rel_rnd rnd u N float_unit float_rounds 1).
      apply (rel_div q Q 1 0); [lra | | apply rel_same]. apply (rel_rnd rnd u N float_unit float_rounds 0), rel_same.
Qed.
Lemma divisor_positive t : (t < T)%nat -> 0 < sqrt (G (S t)) + Dwmgrad.o_eps o.
Proof.
  intros L. destruct O as ((V & [_ E] & _ & _ & _ & W0 & _) & _). pose proof (sqrt_pos (G (S t))).
  destruct Moves as [M|M]; [lra|]. enough (0 < sqrt (G (S t))) by lra. apply sqrt_pos_lt.
  unfold G. rewrite W4_exact_mean_proof; [|exact V|intros r R; rewrite exact_window, plus_INR, W0 by lia; reflexivity].
  apply Rdiv_lt_0_compat; [apply sum_squares_pos; rewrite Same by lia; exact M|].
  rewrite W0. pose proof (pos_INR n). pose proof (INR_S_pos t). lra.
Qed.
Let V t := velocity o l' x' g' t.
Let Vf t := Dwmgrad.c_V (coord_after F l x g t).
Lemma velocity_exact t : (t < T)%nat ->
  V (S t) = Dwmgrad.o_alpha o / sqrt (INR (S t)) * g t / (sqrt (G (S t)) + Dwmgrad.o_eps o).
Proof.
  intros L. destruct O as ((_ & _ & Sc & No & _) & _). unfold V, G.
  rewrite velocity_step, dwmgrad_no_momentum, dwmgrad_step_size_sqrt, Same by (assumption || lia). ring.
Qed.
Lemma velocities_near t : (t < T)%nat -> rel q (5 * T + 8) (V (S t)) (Vf (S t)).
Proof.
  intros L. pose proof float_factor as Q. rewrite velocity_exact by exact L.
  change (Vf (S t)) with (RoundedDwmgrad.coord_V rnd o (shared_after F l (S t)) (coord_after F l x g t) (x t) (g t)).
  unfold RoundedDwmgrad.coord_V.
  change (RoundedDwmgrad.coord_G rnd o (shared_after F l (S t)) (coord_after F l x g t) (x t) (g t)) with (Gf (S t)).
  rewrite float_momentum, Rmult_0_l, Z, Rplus_0_l. pose proof (divisor_positive t L).
  assert (E0 : 0 <= Dwmgrad.o_eps o) by apply O.
  apply (rel_weaker q Q (S (S (4 + (5 * S t + 2))))); [lia|].
  apply (rel_rnd rnd u N float_unit float_rounds), (rel_rnd rnd u N float_unit float_rounds).
  apply (rel_div q Q); [lra | |].
  - apply (rel_rnd rnd u N float_unit float_rounds 3). apply (rel_mult q Q 3 0); [apply float_step_size, L | apply rel_same].
  - replace (5 * S t + 2)%nat with (S (S (5 * S t))) by lia. apply (rel_rnd rnd u N float_unit float_rounds).
    apply rel_plus; [exact Q | apply sqrt_pos | exact E0 | |].
    + apply (rel_rnd rnd u N float_unit float_rounds), rel_sqrt; [exact Q | apply moment_nonneg, O | apply moments_near; lia].
    + apply (rel_weaker q Q 0); [lia | apply rel_same].
Qed.
Lemma velocity_size t : (t < T)%nat -> Rabs (V (S t)) <= Dwmgrad.o_alpha o * sqrt (1 + Dwmgrad.o_omega0 o).
Proof.
  intros L. pose proof (divisor_positive t L) as Dp. destruct O as ((Vo & St & Sc & No & _ & W0 & _) & _).
  pose proof (W5_step_proof o l' x' g' t Vo St Dp) as B.
  replace (V (S t)) with (step_size o l' (S t) * g' t / (sqrt (moment o l' x' g' (S t)) + Dwmgrad.o_eps o))
    by (unfold V; rewrite velocity_step, dwmgrad_no_momentum by exact No; ring).
  eapply Rle_trans; [exact B|]. rewrite dwmgrad_step_size_sqrt, exact_window, W0 by (assumption || lia).
  pose proof (INR_S_ge1 t) as T'. pose proof (sqrt_pos_lt _ (INR_S_pos t)) as R0. destruct St as [A _].
  replace (Dwmgrad.o_alpha o / sqrt (INR (S t)) * sqrt (INR (n + S t)))
    with (Dwmgrad.o_alpha o * (sqrt (INR (n + S t)) / sqrt (INR (S t)))) by (field; lra).
  apply Rmult_le_compat_l; [lra|]. apply div_le_of; [exact R0|].
  rewrite <- sqrt_mult by (pose proof (pos_INR n); lra). apply sqrt_le_1_alt. rewrite plus_INR. pose proof (pos_INR n). nra.
Qed.
End Coordinate.
End Run.

(* ---- The iterates *)
Lemma clip_nonexpansive low high a b : low <= high -> Rabs (clip low high a - clip low high b) <= Rabs (a - b).
Proof. intros L. unfold clip. choices; unfold Rabs; repeat destruct Rcase_abs; lra. Qed.
Lemma rounding_pos u o B t T : 0 <= u -> 0 <= B -> step_options o -> 0 <= rounding u o B t T.
Proof.
  intros U B0 [A _]. unfold rounding. pose proof (pos_INR t). pose proof (pos_INR T).
  pose proof (sqrt_pos (1 + Dwmgrad.o_omega0 o)). repeat apply Rmult_le_pos; try assumption.
  apply Rplus_le_le_0_compat; [exact B0|]. apply Rmult_le_pos; [lra|]. apply Rmult_le_pos; lra.
Qed.
Lemma rounding_mono u o B t T : 0 <= u -> 0 <= B -> step_options o -> (t <= T)%nat ->
  rounding u o B t T <= rounding u o B T T.
Proof.
  intros U B0 St L. pose proof (rounding_pos u o B 1 T U B0 St) as P. unfold rounding in *. change (INR 1) with 1 in P.
  apply le_INR in L. set (c := B + _) in *. nra.
Qed.
(* One step: what the rounded velocity and the rounded subtraction add to the difference so far. *)
Lemma step_near rnd u N x xf v vf D m S B : 0 <= u <= 1 / 16 -> rounds rnd u N -> INR m * u <= 1 / 2 ->
  rel (/ (1 - u)) m v vf -> Rabs v <= S -> Rabs xf <= B -> Rabs (xf - x) <= D ->
  Rabs (rnd (xf - vf) - (x - v)) <= D + u * (B + (2 * INR m + 2) * S).
Proof.
  intros U [Rn _] M Re Vs X Df. apply (rel_far _ (q_ge1 u U)) in Re. pose proof (power_bound u U m M) as Pw.
  assert (F : Rabs (vf - v) <= 2 * (INR m * u) * S).
  { eapply Rle_trans; [exact Re|]. pose proof (pos_INR m). apply Rmult_le_compat; try apply Rabs_pos; try lra.
    pose proof (power_ge1 _ (q_ge1 u U) m). lra. }
  pose proof (Rabs_pos v) as V0. assert (S0 : 0 <= S) by lra.
  assert (Vf : Rabs vf <= 2 * S).
  { replace vf with (v + (vf - v)) by ring. eapply Rle_trans; [apply Rabs_triang|]. nra. }
  specialize (Rn (xf - vf)).
  assert (A : Rabs (xf - vf) <= B + 2 * S).
  { unfold Rminus. eapply Rle_trans; [apply Rabs_triang|]. rewrite Rabs_Ropp. lra. }
  replace (rnd (xf - vf) - (x - v)) with ((rnd (xf - vf) - (xf - vf)) + ((xf - x) + - (vf - v))) by ring.
  eapply Rle_trans; [apply Rabs_triang|]. pose proof (Rabs_triang (xf - x) (- (vf - v))) as Tr. rewrite Rabs_Ropp in Tr.
  apply (Rmult_le_compat_l u) in A; [|lra]. nra.
Qed.
Theorem F_iterates_proof : F_iterates.
Proof.
  intros rnd u o low high f x1 d T n B E O X Bx Mv Pf Pe Same i t I. pose proof (X i I) as Xi. specialize (Bx i I).
  set (r := RoundedDwmgrad.rule rnd o). set (p := boxed low high).
  assert (U0 : 0 <= u) by apply O. assert (St : step_options o) by apply O.
  induction t as [|t IH]; intros L.
  - change (Rabs (x1 i - x1 i) <= rounding u o (B i) 0 T). rewrite Rminus_diag_eq, Rabs_R0 by reflexivity.
    apply rounding_pos; [exact U0 | lra | exact St].
  - specialize (IH ltac:(lia)). assert (T1 : (1 <= T)%nat) by lia. unfold float_iterate in *.
    assert (Pl : positive (losses r p f x1)) by (intro s; apply Pf, run_in_box, X).
    assert (Pl' : positive (losses (Dwmgrad.rule o) p E x1)) by (intro s; apply Pe, run_in_box, X).
    rewrite dwmgrad_theta, run_theta. change (float_rule rnd o) with r in IH |- *. fold p in IH |- *.
    unfold p at 1 6; unfold boxed at 1 2.
    eapply Rle_trans; [apply clip_nonexpansive; lra|].
    set (xf := iterates r p f x1 i) in *. set (x := iterates (Dwmgrad.rule o) p E x1 i) in *.
    set (gf := gradients r p f x1 i). set (g := gradients (Dwmgrad.rule o) p E x1 i).
    assert (Sa : forall s, (s < T)%nat -> g s = gf s) by (intros s Ls; apply Same; assumption).
    assert (Rel := velocities_near rnd u o n T O T1 _ _ xf x gf g Pl Pl' Sa (Mv i I) t L).
    assert (Sz := velocity_size rnd u o n T O T1 _ x gf g Pl' Sa (Mv i I) t L).
    assert (K : INR (5 * T + 8) = 5 * INR T + 8) by (rewrite plus_INR, mult_INR; simpl; lra).
    assert (In : Rabs (xf t) <= B i).
    { pose proof (run_in_box r d low high f x1 t X i I) as Q. apply Rabs_le. unfold xf, iterates, p. lra. }
    assert (Ro : rounds rnd u (n + T)) by apply O.
    assert (Hu : INR (5 * T + 8) * u <= 1 / 2) by (rewrite K; apply O).
    pose proof (step_near rnd u _ _ _ _ _ _ _ _ _ (float_unit rnd u o n T O T1) Ro Hu Rel Sz In IH) as Q.
    rewrite K in Q. eapply Rle_trans; [exact Q|]. unfold rounding. rewrite S_INR. lra.
Qed.

(* ---- Regret: the exact run on the linear losses with the float run's gradients, and the distance from it *)
Definition linear (d : nat) (K : nat -> R) (g : nat -> nat -> R) : game :=
  Game (fun t x => K t + sum (fun i => g i t * x i) d) (fun t _ i => g i t).
Lemma linear_difference d K g t x v :
  loss (linear d K g) t x - loss (linear d K g) t v = sum (fun i => g i t * (x i - v i)) d.
Proof.
  simpl. rewrite (sum_ext (fun i => g i t * (x i - v i)) (fun i => g i t * x i + -1 * (g i t * v i))) by (intros; ring).
  rewrite sum_plus, sum_scal. ring.
Qed.
Lemma linear_positive d g low high B : within low high B d ->
  positive_losses low high (linear d (fun t => 1 + sum (fun i => Rabs (g i t) * B i) d) g) d.
Proof.
  intros W t x X. simpl. rewrite Rplus_assoc, <- sum_plus. apply Rplus_lt_le_0_compat; [lra|]. apply sum_nonneg.
  intros i I. destruct (X i I), (W i I). unfold Rabs. destruct (Rcase_abs (g i t)); nra.
Qed.
Lemma linear_game o low high f x1 d K (g : nat -> nat -> R) : convex_game o low high f x1 d ->
  (forall i, g i 0%nat = gradient f 0 x1 i) -> convex_game o low high (linear d K g) x1 d.
Proof.
  intros (X & _ & M) G. split; [exact X|]. split.
  - intros t x v _ _. rewrite linear_difference. apply Rle_refl.
  - intros i I. simpl. rewrite G. apply M, I.
Qed.
Theorem F_regret_proof : F_regret.
Proof.
  intros rnd u o low high f x1 v d T n B O Ga Vb Wi Pf. set (r := float_rule rnd o). set (p := boxed low high).
  set (g := float_gradient rnd o low high f x1). set (E := linear d (fun t => 1 + sum (fun i => Rabs (g i t) * B i) d) g).
  assert (X : in_box d low high x1) by apply Ga. pose proof (linear_positive d g low high B Wi) as Pe. fold E in Pe.
  assert (GE : convex_game o low high E x1 d) by (apply (linear_game o low high f); [exact Ga | reflexivity]).
  pose proof O as ((Vo & St & Sc & No & Si & W0 & Cap) & U0 & _).
  assert (Cap' : below_cap o (Dwmgrad.o_omega0 o + INR T)) by (rewrite W0; exact Cap).
  pose proof (R3_expanding_proof o d low high E x1 v T Vo St Sc No Si Vb GE Pe Cap') as R3.
  fold p in R3. set (x := iterates (Dwmgrad.rule o) p E x1).
  assert (RE : regret (Dwmgrad.rule o) p E x1 v T = sum (fun i => sum (fun t => g i t * (x i t - v i)) T) d).
  { rewrite sum_swap. apply sum_ext. intros t _. apply linear_difference. }
  rewrite RE in R3.
  eapply Rle_trans.
  { apply (regret_by_coordinates r p f x1 d (in_box d low high)); [apply Ga | exact Vb | intros; apply run_in_box, X]. }
  set (xf := iterates r p f x1).
  apply Rle_trans with (sum (fun i => sum (fun t => g i t * (x i t - v i)) T + rounding u o (B i) T T * sum (fun t => Rabs (g i t)) T) d).
  - apply sum_le. intros i I. rewrite <- sum_scal, <- sum_plus. apply sum_le. intros t L.
    assert (Q : Rabs (xf i t - x i t) <= rounding u o (B i) T T).
    { eapply Rle_trans; [|apply (rounding_mono u o (B i) t T); [exact U0 | destruct (X i I), (Wi i I); lra | exact St | lia]].
      apply (F_iterates_proof rnd u o low high f x1 d T n B E O X Wi); try assumption; try lia; [apply Ga | reflexivity]. }
    change (gradients r p f x1 i t) with (g i t). fold xf. apply abs_le in Q.
    unfold Rabs. destruct (Rcase_abs (g i t)); nra.
  - rewrite sum_plus. eapply Rle_trans; [apply Rplus_le_compat_r, R3|]. unfold bound_with. rewrite <- sum_plus.
    right. apply sum_ext. intros i _. reflexivity.
Qed.
