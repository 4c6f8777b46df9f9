(* Proofs of R1 - R5: the potential argument, the certificate, the expanding window. *)
From Coq Require Import Reals Lra Lia Psatz.
From Kernel Require Import Model Generated Base Statements Runs Window.
Open Scope R_scope.

(* ---- The potential argument for one coordinate *)
Section Potential.
Variables (H z w g x : nat -> R) (u D : R) (T : nat).
Let ghat t := H t * (z t - w t).
Hypothesis nonneg : forall t, (t < T)%nat -> 0 <= H t.
Hypothesis near : forall t, (t < T)%nat -> Rabs (z t - u) <= D.
Hypothesis nearer : forall t, (t < T)%nat -> (z (S t) - u) ^ 2 <= (w t - u) ^ 2.

Lemma previous_nonneg t : (t <= T)%nat -> 0 <= previous H t.
Proof. destruct t; simpl; intros; [lra | apply nonneg; lia]. Qed.
Lemma square_near t : (t < T)%nat -> (z t - u) ^ 2 <= D ^ 2.
Proof. intros L. specialize (near t L). rewrite <- (pow2_abs (z t - u)). pose proof (Rabs_pos (z t - u)). nra. Qed.

(* sum ghat (z - u) + H_{t-1}/2 (z_t - u)² stays below D²/2 variation + sum ghat (z - w)/2. *)
Lemma potential_invariant t : (t <= T)%nat ->
  sum (fun s => ghat s * (z s - u)) t + previous H t / 2 * (z t - u) ^ 2
    <= D ^ 2 / 2 * variation H t + sum (fun s => ghat s * (z s - w s) / 2) t.
Proof.
  induction t as [|t IH]; intros L; [unfold variation; simpl; lra|].
  specialize (IH ltac:(lia)). unfold variation in *. rewrite !sum_S. cbn [previous].
  pose proof (nonneg t ltac:(lia)) as N. pose proof (square_near t ltac:(lia)) as B.
  pose proof (nearer t ltac:(lia)) as C. unfold ghat in *.
  set (grown := Rmax 0 (H t - previous H t)).
  assert (G0 : 0 <= grown) by apply Rmax_l. assert (G1 : H t - previous H t <= grown) by apply Rmax_r.
  assert (H t / 2 * (z (S t) - u) ^ 2 <= H t / 2 * (w t - u) ^ 2) by (apply Rmult_le_compat_l; lra).
  assert ((H t - previous H t) * (z t - u) ^ 2 <= grown * D ^ 2).
  { apply Rle_trans with (grown * (z t - u) ^ 2); [apply Rmult_le_compat_r | apply Rmult_le_compat_l]; try lra.
    apply pow2_ge_0. }
  nra.
Qed.

Lemma potential : sum (fun t => g t * (x t - u)) T <=
  D ^ 2 / 2 * variation H T + sum (fun t => ghat t * (z t - w t) / 2) T
  + D * sum (fun t => Rabs (g t - ghat t)) T + sum (fun t => g t * (x t - z t)) T.
Proof.
  pose proof (potential_invariant T (le_n T)) as P.
  assert (0 <= previous H T / 2 * (z T - u) ^ 2).
  { apply Rmult_le_pos; [pose proof (previous_nonneg T (le_n T)); lra | apply pow2_ge_0]. }
  assert (sum (fun t => g t * (x t - u)) T <= sum (fun t => ghat t * (z t - u)) T
    + D * sum (fun t => Rabs (g t - ghat t)) T + sum (fun t => g t * (x t - z t)) T).
  { rewrite <- sum_scal, <- !sum_plus. apply sum_le. intros t L. specialize (near t L).
    assert ((g t - ghat t) * (z t - u) <= D * Rabs (g t - ghat t)).
    { eapply Rle_trans; [apply Rle_abs|]. rewrite Rabs_mult, Rmult_comm.
      apply Rmult_le_compat_r; [apply Rabs_pos | exact near]. }
    nra. }
  lra.
Qed.
End Potential.

(* The same without momentum: z = x, w = x - g/h. *)
Lemma potential_plain (h g x : nat -> R) u D T :
  (forall t, (t < T)%nat -> 0 < h t) -> (forall t, (t < T)%nat -> Rabs (x t - u) <= D) ->
  (forall t, (t < T)%nat -> (x (S t) - u) ^ 2 <= (x t - g t / h t - u) ^ 2) ->
  sum (fun t => g t * (x t - u)) T <= D ^ 2 / 2 * variation h T + sum (fun t => g t ^ 2 / (2 * h t)) T.
Proof.
  intros P B C. set (w t := x t - g t / h t).
  pose proof (potential h x w g x u D T (fun t L => Rlt_le _ _ (P t L)) B C) as Q. cbv zeta in Q.
  assert (G : forall t, (t < T)%nat -> h t * (x t - w t) = g t).
  { intros t L. specialize (P t L). unfold w. field. lra. }
  rewrite (sum_ext (fun t => h t * (x t - w t) * (x t - w t) / 2) (fun t => g t ^ 2 / (2 * h t))) in Q.
  - rewrite (sum_ext (fun t => Rabs (g t - h t * (x t - w t))) (fun _ => 0 * 0)) in Q.
    + rewrite (sum_ext (fun t => g t * (x t - x t)) (fun _ => 0 * 0)) in Q by (intros; ring).
      rewrite !sum_scal in Q. lra.
    + intros t L. rewrite G by exact L. unfold Rminus. rewrite Rplus_opp_r, Rabs_R0. ring.
  - intros t L. rewrite G by exact L. specialize (P t L). unfold w. field. lra.
Qed.

(* The increases of a sequence that never decreases add up to its last value. *)
Lemma variation_monotone H T : (forall t, (S t < T)%nat -> H t <= H (S t)) ->
  ((0 < T)%nat -> 0 <= H 0%nat) -> variation H T = previous H T.
Proof.
  intros M P. induction T as [|T IH]; [reflexivity|]. unfold variation in *. rewrite sum_S. cbn [previous].
  specialize (P ltac:(lia)). rewrite IH by (intros; try apply M; lia || exact P).
  unfold Rmax. destruct (Rle_dec _ _) as [L|L]; [lra|].
  destruct T as [|T]; cbn [previous] in *; [lra | specialize (M T ltac:(lia)); lra].
Qed.

Lemma square_contracts low high y u : low <= u <= high -> (clip low high y - u) ^ 2 <= (y - u) ^ 2.
Proof. intros B. pose proof (clip_contracts low high y u B). simpl. lra. Qed.

(* ---- R1 *)
Theorem R1_one_step_proof : R1_one_step.
Proof.
  intros o k c x g low high u h y M A P B.
  assert (E : y = x - g / h).
  { unfold y, h, Dwmgrad.moved, Dwmgrad.potential_h, Dwmgrad.coord_V in *. simpl in *. rewrite M.
    set (b := sqrt (Dwmgrad.coord_G o k c x g) + Dwmgrad.o_eps o) in *.
    assert (b <> 0) by (intros Z; rewrite Z in P; unfold Rdiv in P; lra). field. split; lra. }
  assert (Q : g * (x - u) = h / 2 * ((x - u) ^ 2 - (y - u) ^ 2) + g ^ 2 / (2 * h)) by (rewrite E; field; lra).
  split; [exact Q|]. pose proof (square_contracts low high y u B).
  assert (0 <= h / 2 * ((y - u) ^ 2 - (clip low high y - u) ^ 2)) by (apply Rmult_le_pos; lra). nra.
Qed.

(* ---- R2+ *)
Section Observer.
Variables (r : rule) (low high : point) (f : game) (x1 : point) (i : nat).
Let s t := observed r low high f x1 i t.
Let z t := mirrored_iterate r low high f x1 i t.
Let w t := next_unprojected r low high f x1 i t.
Let g t := gradients r (boxed low high) f x1 i t.
Let H t := Observer.s_H (s (S t)).
Lemma observed_H t : 0 <= H t /\ Observer.s_H (s t) = previous H t.
Proof. split; [unfold H; simpl; unfold Observer.next_H; choices; lra | destruct t; reflexivity]. Qed.
(* In exact arithmetic the rests stay 0 and the sums are the sums. *)
Lemma observed_sums t :
  Observer.s_variation (s t) + Observer.s_variation_rest (s t) = variation H t /\
  Observer.s_quadratic (s t) + Observer.s_quadratic_rest (s t) = sum (fun n => H n * (z n - w n) * (z n - w n) / 2) t /\
  Observer.s_residual (s t) + Observer.s_residual_rest (s t) = sum (fun n => Rabs (g n - H n * (z n - w n))) t.
Proof.
  induction t as [|t (I1 & I2 & I3)]; [unfold variation; simpl; lra|]. unfold variation in *.
  rewrite !sum_S, <- I1, <- I2, <- I3, <- (proj2 (observed_H t)).
  assert (M : forall y, Rmax 0 y = if_greater 0 y 0 y) by (intros y; unfold Rmax; choices; destruct (Rle_dec _ _); lra).
  rewrite M. unfold H, s. simpl. fold (s t) (z t) (w t) (g t).
  unfold Observer.next_variation, Observer.next_variation_rest, Observer.next_quadratic, Observer.next_quadratic_rest,
    Observer.next_residual, Observer.next_residual_rest, Observer.next_H.
  repeat split; field.
Qed.
Lemma observed_range t n : (n < t)%nat -> Observer.s_least (s t) <= z n <= Observer.s_most (s t).
Proof.
  induction t as [|t IH]; intros L; [lia|]. unfold s. cbn [observed]. fold (s t) (z t).
  simpl. unfold Observer.next_least, Observer.next_most. fold (z t) (s t). rewrite <- S_INR.
  destruct t as [|t].
  - replace n with 0%nat by lia. rewrite !if_greater_false by (simpl; lra). lra.
  - rewrite !(if_greater_true (INR (S (S t))) 1) by (rewrite (S_INR (S t)); pose proof (INR_S_pos t); lra).
    destruct (Nat.eq_dec n (S t)) as [->|N]; [choices; lra|]. specialize (IH ltac:(lia)). choices; lra.
Qed.
End Observer.
Theorem R2plus_certificate_proof : R2plus_certificate.
Proof.
  intros r d low high f x1 u T X U Co.
  eapply Rle_trans.
  { apply (regret_by_coordinates r (boxed low high) f x1 d (in_box d low high)); try assumption.
    intros t _. apply run_in_box, X. }
  unfold observed_bound. rewrite (sum_swap (fun t i => Observer.lag (theta (run r (boxed low high) f x1 t) i)
    (mirrored_iterate r low high f x1 i t) (gradients r (boxed low high) f x1 i t))), <- sum_plus.
  apply sum_le. intros i I. specialize (U i I).
  set (s := observed r low high f x1 i T). set (z := mirrored_iterate r low high f x1 i).
  set (w := next_unprojected r low high f x1 i). set (D := Observer.farthest s (low i) (high i)).
  set (H := fun t => Observer.s_H (observed r low high f x1 i (S t))).
  destruct (observed_sums r low high f x1 i T) as (S1 & S2 & S3). fold s z w H in S1, S2, S3.
  assert (C : Observer.certificate s (low i) (high i) = D ^ 2 / 2 * (Observer.s_variation s + Observer.s_variation_rest s)
    + (Observer.s_quadratic s + Observer.s_quadratic_rest s) + D * (Observer.s_residual s + Observer.s_residual_rest s))
    by reflexivity.
  rewrite C, S1, S2, S3.
  apply (potential H z w (gradients r (boxed low high) f x1 i) (iterates r (boxed low high) f x1 i) (u i) D T).
  - intros t _. apply observed_H.
  - intros t L. destruct (observed_range r low high f x1 i T t L) as [B1 B2]. fold s z in B1, B2.
    unfold D, Observer.farthest. apply Rabs_le. fold (z t) in B1, B2. choices; lra.
  - intros t L. unfold z, w, mirrored_iterate, next_unprojected, mirror, unprojected.
    set (y := moved r _ _ _ _). change (theta (run r (boxed low high) f x1 (S t)) i) with (clip (low i) (high i) y).
    set (v := shift r _ _). destruct (Rlt_le_dec 0 (Rabs v)) as [P|P].
    + rewrite if_greater_true by exact P. right. reflexivity.
    + rewrite if_greater_false by exact P. assert (v = 0) as ->.
      { destruct (Req_dec v 0) as [Z|Z]; [exact Z | pose proof (Rabs_pos_lt v Z); lra]. }
      rewrite Rplus_0_r. apply square_contracts, U.
Qed.

(* ---- DWMGrad without momentum on a box *)
Lemma div_zero_left a : 0 / a = 0.
Proof. unfold Rdiv. ring. Qed.
Section NoMomentum.
Variables (o : Dwmgrad.options) (d : nat) (low high : point) (f : game) (x1 u : point) (i : nat).
Notation r := (Dwmgrad.rule o).
Notation p := (boxed low high).
Let l := losses r p f x1.
Let x := iterates r p f x1 i.
Let g := gradients r p f x1 i.
Let h t := preconditioner o l x g t.
Hypothesis (St : step_options o) (No : no_momentum o).

(* The step is g/h. *)
Lemma plain_step t : 0 < h t -> x (S t) = boxed low high i (x t - g t / h t).
Proof.
  intros P. pose proof (dwmgrad_theta o p f x1 i t) as E. cbv zeta in E. fold l x g in E. rewrite E. f_equal. f_equal.
  rewrite velocity_step, dwmgrad_no_momentum by assumption. unfold h in *. rewrite preconditioner_form in *.
  set (b := sqrt (moment o l x g (S t)) + Dwmgrad.o_eps o) in *. pose proof (step_size_range o l t St).
  assert (b <> 0) by (intros Z; rewrite Z, div_zero_left in P; lra). field. split; lra.
Qed.
Lemma plain_nearer t : low i <= u i <= high i -> 0 < h t -> (x (S t) - u i) ^ 2 <= (x t - g t / h t - u i) ^ 2.
Proof. intros B P. rewrite plain_step by exact P. apply square_contracts, B. Qed.
End NoMomentum.

Theorem R2_certificate_proof : R2_certificate.
Proof.
  intros o d low high f x1 u D T V St No U [X [Co _]] B.
  eapply Rle_trans.
  { apply (regret_by_coordinates (Dwmgrad.rule o) (boxed low high) f x1 d (in_box d low high)); try assumption.
    intros t _. apply run_in_box, X. }
  apply sum_le. intros i I. specialize (U i I).
  apply potential_plain; [intros t L; apply B; assumption | intros t L; apply B; assumption |].
  intros t L. apply (plain_nearer o low high f x1 u i St No t U), B; assumption.
Qed.

(* ---- R3: one coordinate under the schedule alpha/sqrt(t) *)
Section Kept.
Variables (o : Dwmgrad.options) (l x g : nat -> R) (C : R) (T : nat).
Let alpha := Dwmgrad.o_alpha o.
Let eps := Dwmgrad.o_eps o.
Notation w := (window o l).
Notation h := (preconditioner o l x g).
Notation G := (moment o l x g).
Hypothesis (V : window_options o) (St : step_options o) (Sc : sqrt_schedule o) (C0 : 0 <= C).
Hypothesis kept : forall t, (t < T)%nat -> INR (S t) <= w (S t) <= C ^ 2 * INR (S t) * leak w t.
Hypothesis moves : 0 < eps \/ g 0%nat <> 0.

Lemma leak_range t : 0 <= leak w t <= 1.
Proof.
  induction t as [|t IH]; [simpl; lra|]. cbn [leak].
  pose proof (window_ge1 o l V t). pose proof (window_ge1 o l V (S t)). pose proof (window_grows o l V (S t)).
  assert (0 <= (w (S (S t)) - 1) / w (S t) <= 1) by (split; [apply div_nonneg | apply div_le_of]; lra). nra.
Qed.
(* The moment keeps at least the share L_t of the sum of squares. *)
Lemma leak_moment t : leak w t * sum (fun s => g s * g s) (S t) <= w (S t) * G (S t).
Proof.
  induction t as [|t IH].
  - rewrite moment_times by assumption. unfold moment. simpl. lra.
  - rewrite moment_times by assumption. rewrite sum_S. cbn [leak].
    pose proof (leak_range (S t)) as L. cbn [leak] in L.
    pose proof (window_ge1 o l V t). pose proof (window_ge1 o l V (S t)).
    set (v := (w (S (S t)) - 1) / w (S t)) in *.
    assert (E : w (S (S t)) - 1 = v * w (S t)) by (unfold v; field; lra).
    assert (0 <= v) by (unfold v; apply div_nonneg; lra). rewrite E.
    assert (0 <= g (S t) * g (S t)) by nra. nra.
Qed.
Lemma h_form t : alpha * h t = (sqrt (G (S t)) + eps) * sqrt (INR (S t)).
Proof. apply preconditioner_sqrt; assumption. Qed.
(* S_t <= C alpha h_t, so every term of the second sum is at most alpha C g²/(2 S_t). *)
Lemma size_below t : (t < T)%nat -> size g (S t) <= C * (sqrt (G (S t)) * sqrt (INR (S t))).
Proof.
  intros L. destruct (kept t L) as [K1 K2]. pose proof (INR_S_ge1 t) as N. pose proof (leak_moment t) as M.
  pose proof (moment_nonneg o l x g (S t) V) as G0. 
  pose proof (sum_squares_nonneg g (S t)) as S0. set (A := sum (fun s => g s * g s) (S t)) in *.
  set (n := INR (S t)) in *. pose proof (leak_range t) as LR.
  rewrite <- sqrt_mult by lra. unfold size. fold A. apply sqrt_le_of; [apply Rmult_le_pos; [lra | apply sqrt_pos]|].
  replace (C * sqrt (G (S t) * n) * (C * sqrt (G (S t) * n))) with
    (C ^ 2 * (sqrt (G (S t) * n) * sqrt (G (S t) * n))) by ring.
  rewrite sqrt_sqrt by nra. assert (0 < leak w t).
  { destruct (Req_dec (leak w t) 0) as [Z|Z]; [rewrite Z in K2; lra | lra]. }
  apply (Rmult_le_reg_l (leak w t)); [assumption|].
  apply Rle_trans with (w (S t) * G (S t)); [exact M|].
  apply Rle_trans with (C ^ 2 * n * leak w t * G (S t)); [apply Rmult_le_compat_r; lra | right; ring].
Qed.
Lemma h_positive t : (t < T)%nat -> 0 < h t.
Proof.
  intros L. apply (Rmult_lt_reg_l alpha); [apply St|]. rewrite Rmult_0_r, h_form.
  apply Rmult_lt_0_compat; [|apply sqrt_pos_lt, INR_S_pos]. pose proof (sqrt_pos (G (S t))) as G0.
  destruct moves as [E|E]; [lra|]. assert (0 <= eps) by apply St.
  pose proof (size_below t L) as B. assert (0 < size g (S t)) by (apply sqrt_pos_lt, sum_squares_pos, E).
  destruct (Req_dec (sqrt (G (S t))) 0) as [Z|Z]; [rewrite Z in B; lra | lra].
Qed.
Lemma h_monotone t : (S t < T)%nat -> h t <= h (S t).
Proof. intros L. apply W8_sufficient_proof; try assumption. apply kept. exact L. Qed.
(* h_T <= (S_T + eps sqrt(T))/alpha, because the moment never exceeds the mean over the window and T <= w. *)
Lemma h_last : alpha * previous h T <= size g T + eps * sqrt (INR T).
Proof.
  destruct T as [|t]; cbn [previous].
  - pose proof (size_pos g 0). simpl. rewrite sqrt_0. lra.
  - rewrite h_form. enough (sqrt (G (S t)) * sqrt (INR (S t)) <= size g (S t)) by lra.
    pose proof (moment_nonneg o l x g (S t) V) as G0.  pose proof (INR_S_pos t).
    rewrite <- sqrt_mult by lra. apply sqrt_le_1_alt. destruct (kept t ltac:(lia)) as [K _].
    pose proof (W4_upper_proof o l x g (S t) V) as U. nra.
Qed.
Lemma second_sum : sum (fun t => g t ^ 2 / (2 * h t)) T <= alpha * C * size g T.
Proof.
  apply Rle_trans with (alpha * C * sum (fun t => g t * g t / (2 * size g (S t))) T).
  - rewrite <- sum_scal. apply sum_le. intros t L. pose proof (h_positive t L) as P. assert (0 < alpha) by apply St.
    pose proof (size_below t L) as B. assert (0 <= eps) by apply St.
    assert (B' : size g (S t) <= C * alpha * h t).
    { rewrite Rmult_assoc, h_form.
      assert (0 <= C * (eps * sqrt (INR (S t)))) by (repeat apply Rmult_le_pos; try assumption; apply sqrt_pos). nra. }
    pose proof (size_square g (S t)) as Q. rewrite sum_S in Q. pose proof (sum_squares_nonneg g t).
    pose proof (size_pos g (S t)) as S0. destruct (Req_dec (size g (S t)) 0) as [Z|Z].
    + rewrite Z in Q. assert (g t = 0) as -> by nra. unfold Rdiv. simpl. lra.
    + assert (0 < size g (S t)) by lra. apply div_le_of; [lra|].
      replace (alpha * C * (g t * g t / (2 * size g (S t))) * (2 * h t)) with
        (C * alpha * h t * (g t * g t) / size g (S t)) by (field; lra).
      apply le_div_of; [assumption|]. assert (0 <= g t * g t) by nra. simpl.
      assert (g t * g t * size g (S t) <= g t * g t * (C * alpha * h t)) by (apply Rmult_le_compat_l; assumption). lra.
  - apply Rmult_le_compat_l; [apply Rmult_le_pos; [left; apply St | exact C0] | apply sum_over_root].
Qed.
End Kept.

Lemma box_distance low high a b : low <= a <= high -> low <= b <= high -> Rabs (a - b) <= high - low.
Proof. intros. apply Rabs_le. lra. Qed.
Theorem R3_general_proof : R3_general.
Proof.
  intros o d low high f x1 u C T V St Sc No U [X [Co Mo]] C0 K.
  set (r := Dwmgrad.rule o). set (p := boxed low high).
  assert (In : forall t, in_box d low high (theta (run r p f x1 t))) by (intros; apply run_in_box, X).
  eapply Rle_trans.
  { apply (regret_by_coordinates r p f x1 d (in_box d low high)); try assumption. intros t _. apply In. }
  apply sum_le. intros i I. specialize (U i I). specialize (Mo i I).
  set (l := losses r p f x1) in *. set (x := iterates r p f x1 i). set (g := gradients r p f x1 i).
  set (h := preconditioner o l x g).
  assert (P : forall t, (t < T)%nat -> 0 < h t) by (intros t L; apply (h_positive o l x g C T); assumption).
  eapply Rle_trans.
  { apply (potential_plain h g x (u i) (width low high i) T P).
    - intros t L. apply box_distance; [apply In, I | exact U].
    - intros t L. apply (plain_nearer o low high f x1 u i St No t U), P, L. }
  assert (Q : variation h T = previous h T).
  { apply variation_monotone; [|intros L; left; apply P, L].
    intros t L. apply (h_monotone o l x g C T); assumption. }
  rewrite Q. pose proof (second_sum o l x g C T V St Sc C0 K Mo) as S2. fold h in S2.
  pose proof (h_last o l x g C T V St Sc K) as HL. fold h in HL.
  change (run_size o low high f x1 i T) with (size g T). destruct St as [A E].
  set (D := width low high i) in *. set (S1 := size g T) in *. set (a := Dwmgrad.o_alpha o) in *.
  replace (D ^ 2 / (2 * a) + a * C) with (D ^ 2 / 2 * / a + a * C) by (field; lra).
  replace (D ^ 2 * Dwmgrad.o_eps o * sqrt (INR T) / (2 * a)) with
    (D ^ 2 / 2 * (Dwmgrad.o_eps o * sqrt (INR T) * / a)) by (field; lra).
  assert (previous h T <= (S1 + Dwmgrad.o_eps o * sqrt (INR T)) * / a).
  { apply le_div_of; lra. }
  assert (0 <= D ^ 2 / 2) by (pose proof (pow2_ge_0 D); lra). nra.
Qed.

(* ---- The expanding window and the capped one *)
Lemma losses_positive o low high f x1 d : in_box d low high x1 -> positive_losses low high f d ->
  positive (losses (Dwmgrad.rule o) (boxed low high) f x1).
Proof. intros X P t. apply P, run_in_box, X. Qed.
Lemma window_expanding o l t T : window_options o -> signal_loss o -> positive l ->
  below_cap o (Dwmgrad.o_omega0 o + INR T) -> (t <= T)%nat -> window o l t = Dwmgrad.o_omega0 o + INR t.
Proof.
  intros V Si P B L. rewrite W2_saturation_proof by assumption. apply capped_below.
  eapply below_cap_le; [exact B|]. apply le_INR in L. lra.
Qed.
Lemma leak_expanding w omega0 t T : 0 <= omega0 -> (forall s, (s <= T)%nat -> w s = omega0 + INR s) -> (t < T)%nat ->
  leak w t = 1.
Proof.
  intros Z W. induction t as [|t IH]; intros L; [reflexivity|]. cbn [leak]. rewrite IH by lia. rewrite !W by lia.
  rewrite (S_INR (S t)). pose proof (INR_S_pos t). field. lra.
Qed.
Theorem R3_expanding_proof : R3_expanding.
Proof.
  intros o d low high f x1 u T V St Sc No Si U Ga Po B. assert (Z : 0 <= Dwmgrad.o_omega0 o) by apply V.
  apply R3_general_proof; try assumption; [apply sqrt_pos|]. unfold run_window.
  pose proof (losses_positive o low high f x1 d (proj1 Ga) Po) as P.
  set (l := losses (Dwmgrad.rule o) (boxed low high) f x1) in *. intros t L.
  assert (W : forall s, (s <= T)%nat -> window o l s = Dwmgrad.o_omega0 o + INR s).
  { intros s. apply window_expanding; assumption. }
  change (fun t => window o l t) with (window o l). rewrite (leak_expanding _ _ t T Z W L), W by lia.
  rewrite <- Rsqr_pow2, Rsqr_sqrt by lra. pose proof (INR_S_ge1 t). nra.
Qed.
Lemma bound_with_rate o low high f x1 C d T M : step_options o -> 0 <= C ->
  (forall i, (i < d)%nat -> run_size o low high f x1 i T <= M i * sqrt (INR T)) ->
  bound_with o low high f x1 C d T <= sqrt (INR T) * sum (fun i =>
    (width low high i ^ 2 / (2 * Dwmgrad.o_alpha o) + Dwmgrad.o_alpha o * C) * M i
    + width low high i ^ 2 * Dwmgrad.o_eps o / (2 * Dwmgrad.o_alpha o)) d.
Proof.
  intros [A E] C0 B. unfold bound_with. rewrite <- sum_scal. apply sum_le. intros i I. specialize (B i I).
  set (F := width low high i ^ 2 / (2 * Dwmgrad.o_alpha o) + Dwmgrad.o_alpha o * C).
  assert (0 <= F).
  { apply Rplus_le_le_0_compat; [apply div_nonneg; [apply pow2_ge_0 | lra] | nra]. }
  apply (Rmult_le_compat_l F) in B; [|assumption].
  replace (sqrt (INR T) * (F * M i + width low high i ^ 2 * Dwmgrad.o_eps o / (2 * Dwmgrad.o_alpha o)))
    with (F * (M i * sqrt (INR T)) + width low high i ^ 2 * Dwmgrad.o_eps o * sqrt (INR T) / (2 * Dwmgrad.o_alpha o))
    by (field; lra). lra.
Qed.
Theorem R3_rate_proof : R3_rate.
Proof.
  intros o d low high f x1 u M T V St Sc No Si U Ga Po B Bd.
  eapply Rle_trans; [apply R3_expanding_proof; eassumption|]. apply bound_with_rate; [exact St | apply sqrt_pos |].
  intros i I. apply size_bounded.
  - eapply Rle_trans; [apply Rabs_pos | apply (Bd 0%nat x1 i (proj1 Ga) I)].
  - intros t _. apply Bd; [apply run_in_box, (proj1 Ga) | exact I].
Qed.
Theorem R3_best_alpha_proof : R3_best_alpha.
Proof.
  intros D omega0 alpha P Z A. cbv zeta. set (q := sqrt (1 + omega0)).
  assert (Q : 0 < q) by (apply sqrt_pos_lt; lra). set (s := sqrt (2 * q)).
  assert (SS : 0 < s) by (apply sqrt_pos_lt; lra). assert (E : s * s = 2 * q) by (apply sqrt_sqrt; lra).
  assert (Eq : q = s * s / 2) by lra. clearbody s. clearbody q. rewrite Eq.
  assert (V : D ^ 2 / (2 * (D / s)) + D / s * (s * s / 2) = D * s) by (field; lra).
  split; [exact V|]. rewrite V. apply (Rmult_le_reg_r (2 * alpha)); [lra|].
  replace ((D ^ 2 / (2 * alpha) + alpha * (s * s / 2)) * (2 * alpha)) with (D ^ 2 + (alpha * s) ^ 2) by (field; lra).
  pose proof (pow2_ge_0 (D - alpha * s)). nra.
Qed.

(* Up to t = delta the capped window has lost at most omega_0 factors 1 - 1/delta. *)
Lemma power_range q n : 0 <= q <= 1 -> 0 <= q ^ n <= 1.
Proof. intros. induction n as [|n IH]; simpl; [lra | nra]. Qed.
Lemma leak_capped w n N t : (1 <= N)%nat -> (forall s, w s = Rmin (INR n + INR s) (INR N)) ->
  (1 - 1 / INR N) ^ (n + S t - N) <= leak w t.
Proof.
  intros N1 W. assert (NP : 1 <= INR N) by (apply (le_INR 1) in N1; simpl in N1; lra).
  assert (Q : 0 <= 1 - 1 / INR N <= 1).
  { assert (0 < 1 / INR N <= 1) by (split; [apply Rdiv_lt_0_compat | apply div_le_of]; lra). lra. }
  induction t as [|t IH]; [apply power_range, Q|]. cbn [leak]. rewrite !W, <- !plus_INR.
  destruct (Nat.le_gt_cases N (n + S t)) as [F|F].
  - rewrite !Rmin_right by (apply le_INR; lia).
    replace (n + S (S t) - N)%nat with (S (n + S t - N)) by lia. cbn [pow].
    replace ((INR N - 1) / INR N) with (1 - 1 / INR N) by (field; lra).
    rewrite Rmult_comm. apply Rmult_le_compat_r; [apply Q | exact IH].
  - rewrite !Rmin_left by (apply le_INR; lia).
    replace (n + S (S t) - N)%nat with 0%nat by lia. replace (n + S t - N)%nat with 0%nat in IH by lia.
    replace (n + S (S t))%nat with (S (n + S t)) by lia. rewrite (S_INR (n + S t)).
    assert (0 < INR (n + S t)) by (apply lt_0_INR; lia).
    replace ((INR (n + S t) + 1 - 1) / INR (n + S t)) with 1 by (field; lra). rewrite Rmult_1_r. exact IH.
Qed.
Theorem R5_longer_proof : R5_longer.
Proof.
  intros o d low high f x1 u T n N St Sc No Si W0 De nN N2 TN U Ga Po.
  assert (NP : 2 <= INR N) by (apply (le_INR 2) in N2; simpl in N2; lra).
  pose proof (pos_INR n) as n0. pose proof (le_INR _ _ nN) as nN'.
  assert (V : window_options o) by (unfold window_options, below_cap; rewrite De, W0; lra).
  pose proof (losses_positive o low high f x1 d (proj1 Ga) Po) as P.
  apply R3_general_proof; try assumption; [apply sqrt_pos|]. unfold run_window.
  set (l := losses (Dwmgrad.rule o) (boxed low high) f x1) in *. intros t L.
  change (fun t => window o l t) with (window o l).
  assert (W : forall s, window o l s = Rmin (INR n + INR s) (INR N)).
  { intros s. rewrite W2_saturation_proof by assumption. unfold capped. rewrite De, W0. reflexivity. }
  set (q := 1 - 1 / INR N).
  assert (Q : 0 < q <= 1).
  { assert (0 < 1 / INR N <= 1 / 2).
    { split; [apply Rdiv_lt_0_compat; lra|]. apply Rmult_le_compat_l; [lra|]. apply Rinv_le_contravar; lra. }
    unfold q. lra. }
  assert (qn : 0 < q ^ n) by (apply pow_lt, Q).
  rewrite <- Rsqr_pow2, Rsqr_sqrt by (apply div_nonneg; lra).
  pose proof (leak_capped (window o l) n N t ltac:(lia) W) as LK. fold q in LK.
  assert (PW : q ^ n <= q ^ (n + S t - N)).
  { replace n with ((n - (n + S t - N)) + (n + S t - N))%nat at 1 by lia. rewrite pow_add.
    pose proof (power_range q (n - (n + S t - N)) ltac:(lra)). pose proof (power_range q (n + S t - N) ltac:(lra)). nra. }
  pose proof (INR_S_ge1 t) as t1. rewrite W. split; [apply Rmin_glb; [lra | apply le_INR; lia]|].
  apply Rle_trans with (INR n + INR (S t)); [apply Rmin_l|].
  apply Rle_trans with ((1 + INR n) * INR (S t)); [nra|].
  replace ((1 + INR n) / q ^ n * INR (S t) * leak (window o l) t) with
    ((1 + INR n) * INR (S t) * (leak (window o l) t / q ^ n)) by (field; lra).
  rewrite <- (Rmult_1_r ((1 + INR n) * INR (S t))) at 1. apply Rmult_le_compat_l; [nra|]. apply le_div_of; lra.
Qed.
