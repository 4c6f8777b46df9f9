(* Proofs of the controls: AdaGrad, online gradient descent, AMSGrad with constant momentum. *)
From Coq Require Import Reals Lra Lia Psatz.
From Kernel Require Import Model Generated Base Statements Runs Window Regret.
Open Scope R_scope.

(* A rule whose step is g/h with h that never decreases: the potential argument in full. *)
Lemma monotone_regret r low high f x1 u d T (h : nat -> nat -> R) (Q : nat -> R) :
  convex_play low high f x1 u d ->
  (forall i t, (i < d)%nat -> (t < T)%nat -> 0 < h i t /\
    iterates r (boxed low high) f x1 i (S t) =
      boxed low high i (iterates r (boxed low high) f x1 i t - gradients r (boxed low high) f x1 i t / h i t)) ->
  (forall i t, (i < d)%nat -> (S t < T)%nat -> h i t <= h i (S t)) ->
  (forall i, (i < d)%nat -> sum (fun t => gradients r (boxed low high) f x1 i t ^ 2 / (2 * h i t)) T <= Q i) ->
  regret_on_box r low high f x1 u T <= sum (fun i => width low high i ^ 2 / 2 * previous (h i) T + Q i) d.
Proof.
  intros (X & U & Co) Step Mono Second. set (p := boxed low high).
  assert (In : forall t, in_box d low high (theta (run r p f x1 t))) by (intros; apply run_in_box, X).
  eapply Rle_trans.
  { apply (regret_by_coordinates r p f x1 d (in_box d low high)); try assumption. intros t _. apply In. }
  apply sum_le. intros i I. specialize (U i I).
  eapply Rle_trans.
  { apply (potential_plain (h i) _ _ (u i) (width low high i)).
    - intros t L. apply Step; assumption.
    - intros t L. apply box_distance; [apply In, I | exact U].
    - intros t L. destruct (Step i t I L) as [_ E]. unfold p. rewrite E. apply square_contracts, U. }
  rewrite variation_monotone; [|intros t L; apply Mono; assumption | intros L; left; apply Step; assumption].
  apply Rplus_le_compat_l, Second, I.
Qed.

(* ---- AdaGrad *)
Theorem C_adagrad_proof : C_adagrad.
Proof.
  intros o low high f x1 u d T r A E Play Moves. set (a := Adagrad.o_alpha o) in *. set (e := Adagrad.o_eps o) in *.
  set (g := gradients r (boxed low high) f x1). set (h i t := (size (g i) (S t) + e) / a).
  assert (SP : forall i t, (i < d)%nat -> 0 < size (g i) (S t) + e).
  { intros i t I. pose proof (size_pos (g i) (S t)). destruct (Moves i I) as [M|M]; [lra|].
    assert (0 < size (g i) (S t)) by (apply sqrt_pos_lt, sum_squares_pos, M). lra. }
  eapply Rle_trans.
  { apply (monotone_regret r low high f x1 u d T h (fun i => a * size (g i) T) Play).
    - intros i t I _. specialize (SP i t I). split; [apply Rdiv_lt_0_compat; lra|].
      pose proof (adagrad_theta o (boxed low high) f x1 i t) as Q. cbv zeta in Q. fold r g in Q. rewrite Q.
      fold (g i). unfold h, size in *. fold a e. do 2 f_equal. field. split; lra.
    - intros i t _ _. unfold h. apply Rmult_le_compat_r; [left; apply Rinv_0_lt_compat, A|].
      pose proof (size_mono (g i) (S t)). lra.
    - intros i I. fold (g i). eapply Rle_trans; [|apply Rmult_le_compat_l; [lra | apply sum_over_root]].
      rewrite <- sum_scal. apply sum_le. intros t _. specialize (SP i t I). pose proof (size_pos (g i) (S t)) as S0.
      pose proof (size_square (g i) (S t)) as Sq. rewrite sum_S in Sq. pose proof (sum_squares_nonneg (g i) t).
      replace (g i t ^ 2 / (2 * h i t)) with (a * (g i t ^ 2 / (2 * (size (g i) (S t) + e)))) by (unfold h; field; lra).
      apply Rmult_le_compat_l; [lra|]. destruct (Req_dec (size (g i) (S t)) 0) as [Z|Z].
      + rewrite Z in Sq. assert (g i t = 0) as -> by nra. unfold Rdiv. simpl. lra.
      + replace (g i t * g i t) with (g i t ^ 2) by ring. apply Rmult_le_compat_l; [apply pow2_ge_0|].
        apply Rinv_le_contravar; lra. }
  apply sum_le. intros i I. apply Rplus_le_compat_r. unfold size_on_box. fold r g. fold (g i).
  replace (width low high i ^ 2 / (2 * a) * (size (g i) T + e)) with (width low high i ^ 2 / 2 * ((size (g i) T + e) / a))
    by (field; lra).
  apply Rmult_le_compat_l; [pose proof (pow2_ge_0 (width low high i)); lra|].
  destruct T as [|t]; cbn [previous]; [|apply Rle_refl]. apply div_nonneg; pose proof (size_pos (g i) 0); lra.
Qed.

(* ---- Online gradient descent *)
Lemma sgd_time o l t : Sgd.k_t (shared_after (Sgd.rule o) l t) = INR t.
Proof.
  induction t as [|t IH]; [reflexivity|].
  change (Sgd.k_t (shared_after (Sgd.rule o) l t) + 1 = INR (S t)). rewrite IH, S_INR. reflexivity.
Qed.
Definition sgd_step_size (o : Sgd.options) (t : nat) : R :=
  match Sgd.o_schedule o with Sgd.Schedule_sqrt => Sgd.o_alpha o / sqrt (INR (S t)) | _ => Sgd.o_alpha o end.
Lemma sgd_alpha o l t : Sgd.k_alpha (shared_after (Sgd.rule o) l (S t)) = sgd_step_size o t.
Proof.
  change (Sgd.next_alpha o (shared_after (Sgd.rule o) l t) (l t) = sgd_step_size o t).
  unfold Sgd.next_alpha, Sgd.next_t, sgd_step_size. rewrite sgd_time, <- S_INR. reflexivity.
Qed.
Lemma sgd_theta o p f x1 i t (r := Sgd.rule o) : Sgd.o_weight_decay o = 0 ->
  iterates r p f x1 i (S t) = p i (iterates r p f x1 i t - sgd_step_size o t * gradients r p f x1 i t).
Proof.
  intros W. rewrite run_theta. f_equal. rewrite <- (sgd_alpha o (losses r p f x1)).
  change (iterates r p f x1 i t - Sgd.k_alpha (shared_after (Sgd.rule o) (losses r p f x1) (S t)) *
    (gradients r p f x1 i t + Sgd.o_weight_decay o * iterates r p f x1 i t) = iterates r p f x1 i t -
    Sgd.k_alpha (shared_after (Sgd.rule o) (losses r p f x1) (S t)) * gradients r p f x1 i t).
  rewrite W. ring.
Qed.
Lemma sgd_step_size_pos o t : 0 < Sgd.o_alpha o -> 0 < sgd_step_size o t.
Proof.
  intros A. unfold sgd_step_size. destruct (Sgd.o_schedule o); [exact A|].
  apply Rdiv_lt_0_compat; [exact A | apply sqrt_pos_lt, INR_S_pos].
Qed.
(* With h = 1/alpha_t: distances over the last step size, and half the step sizes times the squares. *)
Lemma sgd_regret o low high f x1 u d T (r := Sgd.rule o) (Q : nat -> R) :
  0 < Sgd.o_alpha o -> Sgd.o_weight_decay o = 0 -> convex_play low high f x1 u d ->
  (forall i, (i < d)%nat ->
    sum (fun t => sgd_step_size o t / 2 * gradients r (boxed low high) f x1 i t ^ 2) T <= Q i) ->
  regret_on_box r low high f x1 u T <=
    sum (fun i => width low high i ^ 2 / 2 * previous (fun t => / sgd_step_size o t) T + Q i) d.
Proof.
  intros A W Play Second.
  apply (monotone_regret r low high f x1 u d T (fun _ t => / sgd_step_size o t) Q Play).
  - intros i t _ _. pose proof (sgd_step_size_pos o t A). split; [apply Rinv_0_lt_compat; assumption|].
    unfold r. rewrite sgd_theta by assumption. f_equal. f_equal. field. lra.
  - intros i t _ _. unfold sgd_step_size. destruct (Sgd.o_schedule o); [lra|].
    pose proof (sqrt_pos_lt _ (INR_S_pos t)). pose proof (sqrt_pos_lt _ (INR_S_pos (S t))).
    assert (sqrt (INR (S t)) <= sqrt (INR (S (S t)))) by (apply sqrt_le_1_alt, le_INR; lia).
    apply Rinv_le_contravar; [apply Rdiv_lt_0_compat; assumption|].
    apply Rmult_le_compat_l; [lra|]. apply Rinv_le_contravar; lra.
  - intros i I. eapply Rle_trans; [|apply Second, I]. apply sum_le. intros t _.
    pose proof (sgd_step_size_pos o t A). right. field. lra.
Qed.
(* sum 1/sqrt(t) <= 2 sqrt(T) *)
Lemma sum_inverse_roots T : sum (fun t => / sqrt (INR (S t))) T <= 2 * sqrt (INR T).
Proof.
  induction T as [|T IH]; [simpl; rewrite sqrt_0; lra|]. rewrite sum_S.
  pose proof (sqrt_pos (INR T)). pose proof (sqrt_pos_lt _ (INR_S_pos T)) as P.
  pose proof (sqrt_sqrt (INR T) (pos_INR T)) as E. pose proof (sqrt_sqrt (INR (S T)) (pos_INR (S T))) as E'.
  rewrite (S_INR T) in E' at 3. set (a := sqrt (INR T)) in *. set (b := sqrt (INR (S T))) in *.
  assert (/ b <= 2 * (b - a)); [|lra]. apply (Rmult_le_reg_r b); [exact P|]. rewrite Rinv_l by lra. nra.
Qed.
Theorem C_ogd_sqrt_proof : C_ogd_sqrt.
Proof.
  intros o low high f x1 u d T M r A W Sc Play B. set (a := Sgd.o_alpha o) in *.
  eapply Rle_trans; [apply (sgd_regret o low high f x1 u d T (fun i => a * M i ^ 2 * sqrt (INR T)) A W Play)|].
  - intros i I. fold r. set (g := gradients r (boxed low high) f x1 i).
    apply Rle_trans with (a * M i ^ 2 / 2 * sum (fun t => / sqrt (INR (S t))) T).
    + rewrite <- sum_scal. apply sum_le. intros t _. unfold sgd_step_size. rewrite Sc. fold a.
      assert (G : g t ^ 2 <= M i ^ 2).
      { assert (H : Rabs (g t) <= M i) by (apply B; [apply run_in_box, Play | exact I]).
        rewrite <- (pow2_abs (g t)). pose proof (Rabs_pos (g t)). nra. }
      pose proof (Rinv_0_lt_compat _ (sqrt_pos_lt _ (INR_S_pos t))). set (v := / sqrt (INR (S t))) in *.
      unfold Rdiv. fold v. apply (Rmult_le_compat_l (a * v)) in G; [lra | nra].
    + pose proof (sum_inverse_roots T). assert (0 <= a * M i ^ 2 / 2) by (pose proof (pow2_ge_0 (M i)); nra). nra.
  - rewrite <- sum_scal. apply sum_le. intros i _. fold a.
    replace (sqrt (INR T) * (width low high i ^ 2 / (2 * a) + a * M i ^ 2)) with
      (width low high i ^ 2 / 2 * (sqrt (INR T) / a) + a * M i ^ 2 * sqrt (INR T)) by (field; lra).
    apply Rplus_le_compat_r, Rmult_le_compat_l; [pose proof (pow2_ge_0 (width low high i)); lra|].
    destruct T as [|t]; cbn [previous]; [apply div_nonneg; [apply sqrt_pos | exact A]|].
    unfold sgd_step_size. rewrite Sc. fold a. pose proof (sqrt_pos_lt _ (INR_S_pos t)). right. field. lra.
Qed.
Theorem C_ogd_constant_proof : C_ogd_constant.
Proof.
  intros o low high f x1 u d T r A W Sc Play. set (a := Sgd.o_alpha o) in *.
  eapply Rle_trans; [apply (sgd_regret o low high f x1 u d T
    (fun i => a / 2 * size_on_box r low high f x1 T i ^ 2) A W Play)|].
  - intros i _. unfold size_on_box. fold r. set (g := gradients r (boxed low high) f x1 i).
    right. replace (size g T ^ 2) with (size g T * size g T) by ring. rewrite size_square, <- sum_scal.
    apply sum_ext. intros t _. unfold sgd_step_size. rewrite Sc. fold a. ring.
  - apply sum_le. intros i _. apply Rplus_le_compat_r.
    replace (width low high i ^ 2 / (2 * a)) with (width low high i ^ 2 / 2 * / a) by (field; lra).
    apply Rmult_le_compat_l; [pose proof (pow2_ge_0 (width low high i)); lra|].
    assert (0 < / a) by (apply Rinv_0_lt_compat, A).
    destruct T as [|t]; cbn [previous]; [lra|]. unfold sgd_step_size. rewrite Sc. apply Rle_refl.
Qed.
