(* Proofs about AMSGrad and AdaMomentum with constant momentum. *)
From Coq Require Import Reals Lra Lia Psatz.
From Kernel Require Import Model Generated Base Statements Runs Window Regret Controls Averages.
Open Scope R_scope.

Lemma power_below_one b t : 0 <= b < 1 -> 0 <= b ^ S t <= b.
Proof. intros B. simpl. pose proof (power_range b t ltac:(lra)). nra. Qed.

(* The regret of a rule whose step is m/h with the running mean m of the gradients and h that never decreases. *)
Lemma averaged_regret r low high f x1 u d T b a (h m : nat -> nat -> R) (g := gradients r (boxed low high) f x1) :
  0 <= b < 1 -> 0 <= a -> convex_play low high f x1 u d ->
  (forall i t, m i t = b * previous (m i) t + (1 - b) * g i t) ->
  (forall i t, (i < d)%nat -> (t < T)%nat -> 0 < h i t /\
    iterates r (boxed low high) f x1 i (S t) = boxed low high i (iterates r (boxed low high) f x1 i t - m i t / h i t)) ->
  (forall i t, (i < d)%nat -> (S t < T)%nat -> h i t <= h i (S t)) ->
  (forall i t, (i < d)%nat -> (t < T)%nat -> m i t ^ 2 / h i t <= a * (Rabs (m i t) / sqrt (INR (S t)))) ->
  regret_on_box r low high f x1 u T <= sum (fun i => width low high i ^ 2 / (2 * (1 - b)) * previous (h i) T
    + (1 + b) / (2 * (1 - b)) * (a * (sqrt (1 + ln (INR T)) * size_on_box r low high f x1 T i))) d.
Proof.
  intros B A (X & U & Co) Mean Step Mono Term. set (p := boxed low high).
  assert (In : forall t, in_box d low high (theta (run r p f x1 t))) by (intros; apply run_in_box, X).
  eapply Rle_trans.
  { apply (regret_by_coordinates r p f x1 d (in_box d low high)); try assumption. intros t _. apply In. }
  apply sum_le. intros i I. specialize (U i I).
  eapply Rle_trans.
  { apply (averaged_potential b (low i) (high i) (u i) (g i) (m i) (h i) (iterates r p f x1 i) T B (Mean i) U).
    - intros t. apply In, I.
    - intros t L. apply Step; assumption.
    - intros t L. apply Mono; assumption.
    - intros t L. apply Step; assumption. }
  apply Rplus_le_compat_l, Rmult_le_compat_l; [apply div_nonneg; lra|].
  apply (sum_by_roots b (g i) (m i) B (Mean i)); [exact A|]. intros t L. apply Term; assumption.
Qed.

(* ---- AMSGrad *)
Section Amsgrad.
Import Amsgrad.
Variables (o : options) (l x g : nat -> R).
Let b1 := o_beta1 o.
Let b2 := o_beta2 o.
Let memory t := coord_after (rule o) l x g t.
Lemma amsgrad_time t : k_t (shared_after (rule o) l t) = INR t.
Proof.
  induction t as [|t IH]; [reflexivity|].
  change (k_t (shared_after (rule o) l t) + 1 = INR (S t)). rewrite IH, S_INR. reflexivity.
Qed.
Lemma amsgrad_alpha t : o_schedule o = Schedule_sqrt ->
  k_alpha (shared_after (rule o) l (S t)) = o_alpha o / sqrt (INR (S t)).
Proof.
  intros E. change (next_alpha o (shared_after (rule o) l t) (l t) = o_alpha o / sqrt (INR (S t))).
  unfold next_alpha, next_t. rewrite E, amsgrad_time, S_INR. reflexivity.
Qed.
Lemma amsgrad_corrections t : o_bias_correction o = false ->
  k_c1 (shared_after (rule o) l (S t)) = 1 /\ k_c2 (shared_after (rule o) l (S t)) = 1.
Proof. intros E. simpl. unfold next_c1, next_c2. rewrite E. split; reflexivity. Qed.
Lemma amsgrad_mean t : c_m (memory (S t)) = b1 * c_m (memory t) + (1 - b1) * g t.
Proof. reflexivity. Qed.
Lemma amsgrad_v t : c_v (memory (S t)) = b2 * c_v (memory t) + (1 - b2) * (g t * g t).
Proof. unfold memory. simpl. unfold coord_v. fold b2. ring. Qed.
Lemma amsgrad_vhat t : c_v (memory (S t)) <= c_vhat (memory (S t)) /\ c_vhat (memory t) <= c_vhat (memory (S t)).
Proof. unfold memory. simpl. unfold coord_vhat. choices; lra. Qed.

Hypothesis (B1 : 0 <= b1 < 1) (B2 : 0 <= b2 < 1).
Lemma amsgrad_v_nonneg t : 0 <= c_v (memory t).
Proof. induction t as [|t IH]; [apply Rle_refl|]. rewrite amsgrad_v. nra. Qed.
Lemma amsgrad_vhat_nonneg t : 0 <= c_vhat (memory t).
Proof. induction t as [|t IH]; [apply Rle_refl|]. pose proof (amsgrad_vhat t). lra. Qed.
Lemma amsgrad_vhat_pos t : g 0%nat <> 0 -> 0 < c_vhat (memory (S t)).
Proof.
  intros Q. induction t as [|t IH].
  - apply Rlt_le_trans with (c_v (memory 1)); [|apply amsgrad_vhat]. rewrite amsgrad_v. simpl.
    assert (0 < g 0%nat * g 0%nat) by (apply Rsqr_pos_lt, Q). nra.
  - pose proof (amsgrad_vhat (S t)). lra.
Qed.
Lemma amsgrad_vhat_squares t : c_vhat (memory t) <= (1 - b2) * sum (fun s => g s * g s) t.
Proof.
  enough (c_v (memory t) <= (1 - b2) * sum (fun s => g s * g s) t /\
          c_vhat (memory t) <= (1 - b2) * sum (fun s => g s * g s) t) by tauto.
  induction t as [|t [I1 I2]]; [simpl; lra|]. rewrite sum_S. pose proof (amsgrad_v_nonneg t) as V0.
  assert (0 <= (1 - b2) * (g t * g t)) by (apply Rmult_le_pos; [lra | nra]).
  assert (V : c_v (memory (S t)) <= (1 - b2) * (sum (fun s => g s * g s) t + g t * g t)) by (rewrite amsgrad_v; nra).
  split; [exact V|]. unfold memory in *. simpl in *. unfold coord_vhat. choices; lra.
Qed.
Lemma amsgrad_vhat_bounded M t : (forall s, (s < t)%nat -> Rabs (g s) <= M) -> c_vhat (memory t) <= M * M.
Proof.
  intros B. enough (c_v (memory t) <= M * M /\ c_vhat (memory t) <= M * M) by tauto.
  induction t as [|t IH]; [simpl; split; nra|]. destruct (IH ltac:(intros; apply B; lia)) as [V W].
  assert (G : g t * g t <= M * M).
  { specialize (B t ltac:(lia)). rewrite <- (Rabs_pos_eq (g t * g t)) by nra. rewrite Rabs_mult.
    pose proof (Rabs_pos (g t)). nra. }
  assert (c_v (memory (S t)) <= M * M) by (rewrite amsgrad_v; nra). split; [assumption|].
  unfold memory in *. simpl in *. unfold coord_vhat. choices; lra.
Qed.
(* m² is at most K v, by the weights beta2/(beta2 - beta1²) of Cauchy's inequality. *)
Lemma amsgrad_mean_square t : b1 ^ 2 < b2 ->
  c_m (memory t) ^ 2 * ((1 - b2) * (1 - b1 ^ 2 / b2)) <= (1 - b1) ^ 2 * c_v (memory t).
Proof.
  intros Lt. assert (P2 : 0 < b2) by (pose proof (pow2_ge_0 b1); lra).
  assert (P : 0 < b2 - b1 ^ 2) by lra.
  enough (c_m (memory t) ^ 2 * ((1 - b2) * (b2 - b1 ^ 2)) <= b2 * (1 - b1) ^ 2 * c_v (memory t)).
  { apply (Rmult_le_reg_l b2); [exact P2|].
    replace (b2 * (c_m (memory t) ^ 2 * ((1 - b2) * (1 - b1 ^ 2 / b2)))) with
      (c_m (memory t) ^ 2 * ((1 - b2) * (b2 - b1 ^ 2))) by (field; lra). lra. }
  induction t as [|t IH]; [simpl; lra|]. rewrite amsgrad_mean, amsgrad_v.
  set (m := c_m (memory t)) in *. set (v := c_v (memory t)) in *. set (y := (1 - b1) * g t).
  assert (Q : (b2 - b1 ^ 2) * (b1 * m + y) ^ 2 <= b2 * (b2 - b1 ^ 2) * m ^ 2 + b2 * y ^ 2).
  { assert (0 <= ((b2 - b1 ^ 2) * m - b1 * y) ^ 2) by apply pow2_ge_0. nra. }
  apply (Rmult_le_compat_l (1 - b2)) in Q; [|lra]. apply (Rmult_le_compat_l b2) in IH; [|lra].
  replace (b2 * (1 - b1) ^ 2 * (b2 * v + (1 - b2) * (g t * g t))) with
    (b2 * (b2 * (1 - b1) ^ 2 * v) + (1 - b2) * (b2 * y ^ 2)) by (unfold y; ring). nra.
Qed.
End Amsgrad.

Lemma amsgrad_theta o project f x1 i t (r := Amsgrad.rule o) :
  let s := coord_after r (losses r project f x1) (iterates r project f x1 i) (gradients r project f x1 i) (S t) in
  Amsgrad.o_schedule o = Amsgrad.Schedule_sqrt -> Amsgrad.o_bias_correction o = false -> 0 < Amsgrad.o_alpha o ->
  0 < sqrt (Amsgrad.c_vhat s) + Amsgrad.o_eps o ->
  iterates r project f x1 i (S t) = project i (iterates r project f x1 i t
    - Amsgrad.c_m s / ((sqrt (Amsgrad.c_vhat s) + Amsgrad.o_eps o) * sqrt (INR (S t)) / Amsgrad.o_alpha o)).
Proof.
  intros s Sc Bi A P. rewrite run_theta. f_equal.
  change (moved r ?k ?c ?x ?g) with (Amsgrad.moved o k c x g). unfold Amsgrad.moved.
  destruct (amsgrad_corrections o (losses r project f x1) t Bi) as [C1 C2].
  pose proof (amsgrad_alpha o (losses r project f x1) t Sc) as Al. fold r in C1, C2, Al.
  rewrite C1, C2, Al. fold r.
  change (Amsgrad.coord_m o ?k ?c ?x ?g) with (Amsgrad.c_m s). change (Amsgrad.coord_vhat o ?k ?c ?x ?g) with (Amsgrad.c_vhat s).
  pose proof (sqrt_pos_lt _ (INR_S_pos t)). f_equal. rewrite !Rdiv_1. field. lra.
Qed.

(* |m| <= c H gives m²/h <= alpha c |m|/sqrt(t) for h = H sqrt(t)/alpha. *)
Lemma quotient_term m H alpha c q : 0 < H -> 0 < q -> 0 < alpha -> Rabs m <= c * H ->
  m ^ 2 / (H * q / alpha) <= alpha * c * (Rabs m / q).
Proof.
  intros P Q A B. rewrite <- (pow2_abs m). pose proof (Rabs_pos m). set (y := Rabs m) in *.
  replace (y ^ 2 / (H * q / alpha)) with (alpha * (y / q) * (y / H)) by (field; lra).
  replace (alpha * c * (y / q)) with (alpha * (y / q) * c) by ring.
  apply Rmult_le_compat_l; [apply Rmult_le_pos; [lra | apply div_nonneg; lra] | apply div_le_of; lra].
Qed.
Lemma root_below m v c : 0 <= c -> 0 <= v -> m ^ 2 <= c ^ 2 * v -> Rabs m <= c * sqrt v.
Proof.
  intros C V Q. rewrite <- sqrt_Rsqr_abs. apply sqrt_le_of; [apply Rmult_le_pos; [exact C | apply sqrt_pos]|].
  replace (c * sqrt v * (c * sqrt v)) with (c ^ 2 * (sqrt v * sqrt v)) by ring. rewrite sqrt_sqrt by exact V.
  unfold Rsqr. lra.
Qed.
Lemma previous_le (h : nat -> R) T B : 0 <= B -> (forall t, S t = T -> h t <= B) -> previous h T <= B.
Proof. intros P H. destruct T; [exact P | apply H; reflexivity]. Qed.

(* With any bound of the root of the largest second moment. *)
Lemma amsgrad_regret o low high f x1 u d T (root : nat -> R) (r := Amsgrad.rule o) (p := boxed low high)
  (alpha := Amsgrad.o_alpha o) (b1 := Amsgrad.o_beta1 o) (b2 := Amsgrad.o_beta2 o) (eps := Amsgrad.o_eps o) :
  0 < alpha -> 0 <= eps -> adam_rates b1 b2 -> b1 ^ 2 < b2 ->
  Amsgrad.o_schedule o = Amsgrad.Schedule_sqrt -> Amsgrad.o_bias_correction o = false ->
  convex_play low high f x1 u d -> (forall i, (i < d)%nat -> 0 < eps \/ gradient f 0 x1 i <> 0) ->
  (forall i, (i < d)%nat -> 0 <= root i /\ forall t, (t <= T)%nat -> sqrt (Amsgrad.c_vhat
    (coord_after r (losses r p f x1) (iterates r p f x1 i) (gradients r p f x1 i) t)) <= root i) ->
  regret_on_box r low high f x1 u T <= sum (fun i =>
    width low high i ^ 2 * sqrt (INR T) * (root i + eps) / (2 * alpha * (1 - b1))
    + alpha * (1 + b1) / (2 * sqrt ((1 - b2) * (1 - b1 ^ 2 / b2)))
      * sqrt (1 + ln (INR T)) * size_on_box r low high f x1 T i) d.
Proof.
  intros A E [B1 B2] Lt Sc Bi Play Moves Bd.
  set (l := losses r p f x1). set (x := iterates r p f x1). set (g := gradients r p f x1).
  set (mem i t := coord_after r l (x i) (g i) t). set (H i t := sqrt (Amsgrad.c_vhat (mem i (S t))) + eps).
  set (kappa := (1 - b2) * (1 - b1 ^ 2 / b2)).
  assert (b2P : 0 < b2) by (pose proof (pow2_ge_0 b1); lra).
  assert (KP : 0 < kappa).
  { unfold kappa. replace (1 - b1 ^ 2 / b2) with ((b2 - b1 ^ 2) / b2) by (field; lra).
    apply Rmult_lt_0_compat; [lra | apply Rdiv_lt_0_compat; lra]. }
  assert (SK : 0 < sqrt kappa) by (apply sqrt_pos_lt, KP).
  assert (HP : forall i t, (i < d)%nat -> 0 < H i t).
  { intros i t I. unfold H. destruct (Moves i I) as [Q|Q]; [pose proof (sqrt_pos (Amsgrad.c_vhat (mem i (S t)))); lra|].
    enough (0 < Amsgrad.c_vhat (mem i (S t))) as V by (apply sqrt_pos_lt in V; lra).
    apply (amsgrad_vhat_pos o l (x i) (g i) B2 t Q). }
  eapply Rle_trans.
  { apply (averaged_regret r low high f x1 u d T b1 (alpha * ((1 - b1) / sqrt kappa))
      (fun i t => H i t * sqrt (INR (S t)) / alpha) (fun i t => Amsgrad.c_m (mem i (S t)))).
    - exact B1.
    - apply Rmult_le_pos; [lra | apply div_nonneg; lra].
    - exact Play.
    - intros i t. destruct t; reflexivity.
    - intros i t I _. specialize (HP i t I). split.
      + apply Rdiv_lt_0_compat; [apply Rmult_lt_0_compat; [exact HP | apply sqrt_pos_lt, INR_S_pos] | exact A].
      + apply (amsgrad_theta o p f x1 i t Sc Bi A HP).
    - intros i t I _. apply Rmult_le_compat_r; [left; apply Rinv_0_lt_compat, A|].
      specialize (HP i t I). apply Rmult_le_compat; [lra | apply sqrt_pos | | apply sqrt_le_1_alt, le_INR; lia].
      apply Rplus_le_compat_r, sqrt_le_1_alt. apply (amsgrad_vhat o l (x i) (g i) (S t)).
    - intros i t I _. specialize (HP i t I). apply quotient_term; try assumption; [apply sqrt_pos_lt, INR_S_pos|].
      pose proof (amsgrad_mean_square o l (x i) (g i) B2 (S t) Lt) as Q. fold b1 b2 kappa in Q.
      assert (VV : Amsgrad.c_v (mem i (S t)) <= Amsgrad.c_vhat (mem i (S t))) by apply (amsgrad_vhat o l (x i) (g i) t).
      assert (V0 : 0 <= Amsgrad.c_v (mem i (S t))) by apply (amsgrad_v_nonneg o l (x i) (g i) B2).
      apply Rle_trans with ((1 - b1) / sqrt kappa * sqrt (Amsgrad.c_v (mem i (S t)))).
      + apply root_below; [apply div_nonneg; lra | exact V0|].
        rewrite square_div, sqrt_sqrt by lra. apply (Rmult_le_reg_r kappa); [exact KP|].
        rewrite div_cancel by lra. exact Q.
      + apply Rmult_le_compat_l; [apply div_nonneg; lra|]. apply sqrt_le_1_alt in VV. unfold H. lra. }
  apply sum_le. intros i I. destruct (Bd i I) as [B0 B0']. apply Rplus_le_compat.
  - replace (width low high i ^ 2 * sqrt (INR T) * (root i + eps) / (2 * alpha * (1 - b1))) with
      (width low high i ^ 2 / (2 * (1 - b1)) * ((root i + eps) * sqrt (INR T) / alpha)) by (field; lra).
    apply Rmult_le_compat_l; [apply div_nonneg; [apply pow2_ge_0 | lra]|].
    apply previous_le.
    + apply div_nonneg; [apply Rmult_le_pos; [lra | apply sqrt_pos] | exact A].
    + intros t <-. apply Rmult_le_compat_r; [left; apply Rinv_0_lt_compat, A|].
      apply Rmult_le_compat_r; [apply sqrt_pos|]. apply Rplus_le_compat_r. apply B0'. lia.
  - right. unfold kappa in *. field. split; lra.
Qed.
Theorem C_amsgrad_proof : C_amsgrad.
Proof.
  intros o low high f x1 u d T M r alpha b1 b2 eps A E [B1 B2] Lt Sc Bi Play Moves Bd.
  apply amsgrad_regret; try assumption; [split; assumption|]. intros i I.
  assert (B0 : 0 <= M i) by (eapply Rle_trans; [apply Rabs_pos | apply (Bd 0%nat x1 i (proj1 Play) I)]).
  split; [exact B0|]. intros t _. apply sqrt_le_of; [exact B0|].
  apply (amsgrad_vhat_bounded o _ _ _ B1 B2). intros s _. apply Bd; [apply run_in_box, Play | exact I].
Qed.
Theorem shipped_amsgrad_proof : shipped_amsgrad.
Proof.
  intros o low high f x1 u d T r A E [B1 B2] Lt Sc Bi Play Moves. set (b2 := Amsgrad.o_beta2 o) in *.
  assert (Q : 0 < sqrt (1 - b2)) by (apply sqrt_pos_lt; lra).
  assert (Root : forall i t, (t <= T)%nat -> sqrt (Amsgrad.c_vhat (coord_after r (losses r (boxed low high) f x1)
    (iterates r (boxed low high) f x1 i) (gradients r (boxed low high) f x1 i) t))
    <= sqrt (1 - b2) * size_on_box r low high f x1 T i).
  { intros i t L. unfold size_on_box, size. rewrite <- sqrt_mult by (try apply sum_squares_nonneg; lra).
    apply sqrt_le_1_alt. eapply Rle_trans; [apply (amsgrad_vhat_squares o); assumption|].
    apply Rmult_le_compat_l; [lra|].
    apply (sum_longer (fun s => gradients r (boxed low high) f x1 i s * gradients r (boxed low high) f x1 i s));
      [intros; nra | exact L]. }
  split; [|intros M Bd].
  - apply (amsgrad_regret o low high f x1 u d T (fun i => sqrt (1 - b2) * size_on_box r low high f x1 T i));
      try assumption; [split; assumption|]. intros i I. split; [|apply Root].
    apply Rmult_le_pos; [lra | apply size_pos].
  - apply (amsgrad_regret o low high f x1 u d T (fun i => if_greater (M i) (sqrt (1 - b2) * size_on_box r low high f x1 T i)
      (sqrt (1 - b2) * size_on_box r low high f x1 T i) (M i))); try assumption; [split; assumption|]. intros i I.
    assert (B0 : 0 <= M i) by (eapply Rle_trans; [apply Rabs_pos | apply (Bd 0%nat x1 i (proj1 Play) I)]).
    fold b2. assert (S0 : 0 <= sqrt (1 - b2) * size_on_box r low high f x1 T i)
      by (apply Rmult_le_pos; [lra | apply size_pos]).
    split; [choices; assumption|]. intros t L. unfold if_greater. destruct (Rlt_dec _ _); [apply Root, L|].
    apply sqrt_le_of; [exact B0|].
    apply (amsgrad_vhat_bounded o _ _ _ B1 B2). intros s _. apply Bd; [apply run_in_box, Play | exact I].
Qed.

(* ---- AdaMomentum *)
Section AdaMomentum.
Import Adamomentum.
Variables (o : options) (l x g : nat -> R).
Let b1 := o_beta1 o.
Let b2 := o_beta2 o.
Let memory t := coord_after (rule o) l x g t.
Let state t := shared_after (rule o) l t.
Lemma adamomentum_time t : k_t (state t) = INR t.
Proof.
  induction t as [|t IH]; [reflexivity|]. change (k_t (state t) + 1 = INR (S t)). rewrite IH, S_INR. reflexivity.
Qed.
Lemma adamomentum_alpha t : o_schedule o = Schedule_sqrt -> k_alpha (state (S t)) = o_alpha o / sqrt (INR (S t)).
Proof.
  intros E. change (next_alpha o (state t) (l t) = o_alpha o / sqrt (INR (S t))).
  unfold next_alpha, next_t. rewrite E, adamomentum_time, S_INR. reflexivity.
Qed.
Lemma adamomentum_powers t : k_power1 (state t) = b1 ^ t /\ k_power2 (state t) = b2 ^ t.
Proof.
  induction t as [|t [I1 I2]]; [split; reflexivity|].
  change (k_power1 (state t) * b1 = b1 ^ S t /\ k_power2 (state t) * b2 = b2 ^ S t).
  rewrite I1, I2. simpl. split; ring.
Qed.
Lemma adamomentum_corrections t : k_c1 (state (S t)) = 1 - b1 ^ S t /\ k_c2 (state (S t)) = 1 - b2 ^ S t.
Proof.
  destruct (adamomentum_powers (S t)) as [<- <-]. split; reflexivity.
Qed.
Lemma adamomentum_v t : c_v (memory (S t)) =
  b2 * c_v (memory t) + (1 - b2) * c_m (memory (S t)) ^ 2 + o_eps o.
Proof. unfold memory. simpl. unfold coord_v. fold b2. ring. Qed.
Hypothesis (B1 : 0 <= b1 < 1) (B2 : 0 <= b2 < 1) (E : 0 <= o_eps o).
Lemma adamomentum_v_nonneg t : 0 <= c_v (memory t).
Proof.
  induction t as [|t IH]; [apply Rle_refl|]. rewrite adamomentum_v. pose proof (pow2_ge_0 (c_m (memory (S t)))). nra.
Qed.
Lemma adamomentum_v_mean t : (1 - b2) * c_m (memory (S t)) ^ 2 <= c_v (memory (S t)).
Proof. rewrite adamomentum_v. pose proof (adamomentum_v_nonneg t). nra. Qed.
(* H, the preconditioner without the step size, is at least (1 - beta1) sqrt(1 - beta2) |m|. *)
Definition adamomentum_H (t : nat) : R := sqrt (c_v (memory (S t)) / (1 - b2 ^ S t)) * (1 - b1 ^ S t).
Lemma adamomentum_H_mean t :
  Rabs (c_m (memory (S t))) <= / ((1 - b1) * sqrt (1 - b2)) * adamomentum_H t.
Proof.
  pose proof (power_below_one b1 t B1) as P1. pose proof (power_below_one b2 t B2) as P2.
  assert (Q : 0 < sqrt (1 - b2)) by (apply sqrt_pos_lt; lra).
  set (v := c_v (memory (S t))). set (m := c_m (memory (S t))). set (c2 := 1 - b2 ^ S t).
  assert (V : sqrt (1 - b2) * Rabs m <= sqrt (v / c2)).
  { apply le_sqrt_of; [apply Rmult_le_pos; [lra | apply Rabs_pos] | apply div_nonneg;
      [apply adamomentum_v_nonneg | unfold c2; lra]|].
    replace (sqrt (1 - b2) * Rabs m * (sqrt (1 - b2) * Rabs m)) with (sqrt (1 - b2) * sqrt (1 - b2) * Rabs m ^ 2) by ring.
    rewrite sqrt_sqrt, pow2_abs by lra. apply le_div_of; [unfold c2; lra|].
    pose proof (adamomentum_v_mean t) as M. fold m v in M. apply Rle_trans with ((1 - b2) * m ^ 2 * 1); [|lra].
    apply Rmult_le_compat_l; [apply Rmult_le_pos; [lra | apply pow2_ge_0] | unfold c2; lra]. }
  apply (Rmult_le_reg_l ((1 - b1) * sqrt (1 - b2))); [nra|]. rewrite <- Rmult_assoc, Rinv_r, Rmult_1_l by nra.
  unfold adamomentum_H. fold v c2. pose proof (Rabs_pos m). pose proof (sqrt_pos (v / c2)).
  apply Rle_trans with (sqrt (1 - b2) * Rabs m * (1 - b1)); [right; ring|].
  apply Rmult_le_compat; try lra. apply Rmult_le_pos; lra.
Qed.
End AdaMomentum.

Lemma adamomentum_form o low high f x1 i t (r := Adamomentum.rule o) (p := boxed low high) :
  Adamomentum.o_schedule o = Adamomentum.Schedule_sqrt -> 0 < Adamomentum.o_alpha o ->
  adamomentum_h o low high f x1 i t = adamomentum_H o (losses r p f x1) (iterates r p f x1 i) (gradients r p f x1 i) t
    * sqrt (INR (S t)) / Adamomentum.o_alpha o.
Proof.
  intros Sc A. unfold adamomentum_h. rewrite run_shared, run_coord. unfold Adamomentum.potential_h, adamomentum_H.
  destruct (adamomentum_corrections o (losses r p f x1) t) as [C1 C2].
  pose proof (adamomentum_alpha o (losses r p f x1) t Sc) as Al. fold r in C1, C2, Al. fold r p. rewrite C1, C2, Al.
  pose proof (sqrt_pos_lt _ (INR_S_pos t)). field. lra.
Qed.
Lemma adamomentum_theta o project f x1 i t (r := Adamomentum.rule o) :
  let g := gradients r project f x1 i in let l := losses r project f x1 in let x := iterates r project f x1 i in
  x (S t) = project i (x t
    - Adamomentum.k_alpha (shared_after r l (S t)) * (Adamomentum.c_m (coord_after r l x g (S t))
      / Adamomentum.k_c1 (shared_after r l (S t)))
      / sqrt (Adamomentum.c_v (coord_after r l x g (S t)) / Adamomentum.k_c2 (shared_after r l (S t)))).
Proof. intros g l x. unfold x at 1. rewrite run_theta. reflexivity. Qed.
Theorem R8_constant_proof : R8_constant.
Proof.
  intros o low high f x1 u d T r alpha b1 b2 h A E [B1 B2] Sc Play Pos Mono.
  set (p := boxed low high). set (l := losses r p f x1). set (x := iterates r p f x1). set (g := gradients r p f x1).
  set (m i t := Adamomentum.c_m (coord_after r l (x i) (g i) (S t))).
  assert (Q : 0 < sqrt (1 - b2)) by (apply sqrt_pos_lt; lra).
  eapply Rle_trans.
  { apply (averaged_regret r low high f x1 u d T b1 (alpha * / ((1 - b1) * sqrt (1 - b2))) h m B1); try assumption.
    - apply Rmult_le_pos; [lra|]. left. apply Rinv_0_lt_compat. nra.
    - intros i t. destruct t; reflexivity.
    - intros i t I L. specialize (Pos i t I L). split; [exact Pos|].
      pose proof (adamomentum_theta o p f x1 i t) as Th. cbv zeta in Th. fold r l x g in Th. fold (x i) (g i) in Th.
      etransitivity; [exact Th|]. fold (m i t). change (boxed low high i) with (p i). f_equal.
      change (iterates r (boxed low high) f x1 i t) with (x i t). f_equal. revert Pos. unfold h. rewrite (adamomentum_form o low high f x1 i t Sc A).
      unfold adamomentum_H. destruct (adamomentum_corrections o l t) as [C1 C2].
      pose proof (adamomentum_alpha o l t Sc) as Al. fold r in C1, C2, Al. rewrite C1, C2, Al.
      fold r p l x g alpha b1 b2. fold (x i) (g i). intros Pos.
      pose proof (power_below_one b1 t B1). pose proof (sqrt_pos_lt _ (INR_S_pos t)).
      set (s := sqrt _) in Pos at 1. assert (s <> 0).
      { intros Z. rewrite Z in Pos. unfold Rdiv in Pos. rewrite !Rmult_0_l in Pos. lra. }
      fold s. field. repeat split; lra.
    - intros i t I L. specialize (Pos i t I L). revert Pos. unfold h. rewrite (adamomentum_form o low high f x1 i t Sc A).
      intros Pos. pose proof (sqrt_pos_lt _ (INR_S_pos t)) as N.
      pose proof (adamomentum_H_mean o l (x i) (g i) B1 B2 E t) as HM. fold r in HM. fold (m i t) in HM.
      fold r p l x g. fold (x i) (g i). fold r p l x g in Pos. fold (x i) (g i) in Pos.
      apply quotient_term; try assumption.
      apply (Rmult_lt_reg_r (sqrt (INR (S t)) / alpha)); [apply Rdiv_lt_0_compat; assumption|].
      rewrite Rmult_0_l. unfold Rdiv in *. rewrite <- Rmult_assoc. exact Pos. }
  apply sum_le. intros i I. apply Rplus_le_compat_l. right. fold p. fold alpha. field. lra.
Qed.
Theorem R8_first_step_proof : R8_first_step.
Proof.
  intros o f x1 i g alpha b1 b2 E [B1 B2] G Sc.
  pose proof (adamomentum_theta o free f x1 i 0) as Th. cbv zeta in Th. unfold iterates in Th at 1. rewrite Th.
  set (r := Adamomentum.rule o). set (l := losses r free f x1).
  destruct (adamomentum_corrections o l 0) as [C1 C2]. pose proof (adamomentum_alpha o l 0 Sc) as Al.
  fold r in C1, C2, Al. rewrite C1, C2, Al. unfold free. change (iterates r free f x1 i 0) with (x1 i).
  set (s := coord_after r l _ _ 1).
  assert (M : Adamomentum.c_m s = (1 - b1) * g).
  { unfold s. simpl. unfold Adamomentum.coord_m, gradients. simpl. fold b1. unfold g. ring. }
  assert (V : Adamomentum.c_v s = (1 - b2) * ((1 - b1) ^ 2 * g ^ 2) + Adamomentum.o_eps o).
  { transitivity (b2 * 0 + (1 - b2) * Adamomentum.c_m s ^ 2 + Adamomentum.o_eps o); [apply adamomentum_v|].
    rewrite M. ring. }
  rewrite M, V. rewrite !pow_1. change (INR 1) with 1. rewrite sqrt_1. fold alpha b1 b2.
  replace (((1 - b2) * ((1 - b1) ^ 2 * g ^ 2) + Adamomentum.o_eps o) / (1 - b2))
    with ((1 - b1) ^ 2 * g ^ 2 + Adamomentum.o_eps o / (1 - b2)) by (field; lra).
  f_equal. unfold Rdiv. f_equal. field. lra.
Qed.
(* Gradients 1, -1 with beta1 = 1/2: m_2 = -1/4, and (beta1 g_2)² = 1/4 is larger than 1/16. *)
Theorem R8a_refuted_proof : R8a_refuted.
Proof.
  exists (Adamomentum.Options 1 (1 / 2) (1 / 2) 0 Adamomentum.Schedule_sqrt), (fun _ => 1), (fun _ => 0),
    (fun t => if Nat.eqb t 0 then 1 else -1), 1%nat.
  unfold adam_rates, mean_of. simpl. do 2 (unfold Adamomentum.coord_m; simpl). split; [lra|].
  apply Rlt_not_le. lra.
Qed.
