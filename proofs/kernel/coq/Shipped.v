(* Proofs that the bounds which ship are those of the theorems. *)
From Coq Require Import Reals Lra Lia Psatz.
From Kernel Require Import Model Generated Base Statements Runs Window Regret Momentum Controls.
Open Scope R_scope.

Theorem shipped_R3_proof : shipped_R3.
Proof.
  intros o d low high f x1 u T V St Sc No Si U Ga Po B.
  eapply Rle_trans; [apply R3_expanding_proof; eassumption|].
  right. apply sum_ext. intros i _. unfold Dwmgrad.expanding_bound. destruct St as [A _]. field. lra.
Qed.
Theorem shipped_R4_proof : shipped_R4.
Proof.
  intros o d f x1 u D n T V St Sc Si B Mo Cap Co Fix Po Mv N.
  eapply Rle_trans; [apply (R4_constant_momentum_proof o d f x1 u D n); assumption|].
  apply Rplus_le_compat; [|right; reflexivity]. right. apply sum_ext. intros i _.
  unfold Dwmgrad.momentum_bound. destruct St as [A _]. destruct B. fold T. field. lra.
Qed.
Theorem shipped_adagrad_proof : shipped_adagrad.
Proof.
  intros o low high f x1 u d T r A E Play Mv.
  eapply Rle_trans; [apply C_adagrad_proof; eassumption|]. right. reflexivity.
Qed.

(* sum g²/sqrt(t) is at most S², and at most 2 G S because S_t <= G sqrt(t). *)
Lemma weighted_by_squares g T : sum (fun t => g t ^ 2 / sqrt (INR (S t))) T <= size g T ^ 2.
Proof.
  replace (size g T ^ 2) with (size g T * size g T) by ring. rewrite size_square. apply sum_le. intros t _.
  assert (1 <= sqrt (INR (S t))) by (apply le_sqrt_of; pose proof (INR_S_ge1 t); lra).
  apply div_le_of; [lra|]. replace (g t ^ 2) with (g t * g t * 1) by ring. apply Rmult_le_compat_l; [nra | lra].
Qed.
Lemma weighted_by_largest g M T : 0 <= M -> (forall t, Rabs (g t) <= M) ->
  sum (fun t => g t ^ 2 / sqrt (INR (S t))) T <= 2 * M * size g T.
Proof.
  intros M0 B. apply Rle_trans with (2 * M * (2 * sum (fun t => g t * g t / (2 * size g (S t))) T * / 2)).
  - rewrite <- Rmult_assoc, (Rmult_comm _ (/ 2)), <- !Rmult_assoc, <- sum_scal. apply sum_le. intros t _.
    pose proof (size_bounded g (S t) M M0 (fun s _ => B s)) as Q. pose proof (size_pos g (S t)) as S0.
    pose proof (sqrt_pos_lt _ (INR_S_pos t)) as N. set (q := sqrt (INR (S t))) in *.
    pose proof (size_square g (S t)) as E. rewrite sum_S in E. pose proof (sum_squares_nonneg g t).
    destruct (Req_dec (size g (S t)) 0) as [Z|Z].
    + rewrite Z in E. assert (g t = 0) as -> by nra. unfold Rdiv. simpl. lra.
    + set (s := size g (S t)) in *. assert (0 < s) by lra. apply div_le_of; [exact N|].
      replace (/ 2 * 2 * M * 2 * (g t * g t / (2 * s)) * q) with (g t * g t * (M * q) / s) by (field; lra).
      apply le_div_of; [assumption|]. replace (g t ^ 2) with (g t * g t) by ring. apply Rmult_le_compat_l; nra.
  - apply Rmult_le_compat_l; [lra|]. pose proof (sum_over_root g T). lra.
Qed.
Theorem shipped_sgd_proof : shipped_sgd.
Proof.
  intros o low high f x1 u d T r A W Play part. set (a := Sgd.o_alpha o) in *.
  assert (Sq : Sgd.o_schedule o = Sgd.Schedule_sqrt -> forall Q : nat -> R,
    (forall i, (i < d)%nat -> sum (fun t => gradients r (boxed low high) f x1 i t ^ 2 / sqrt (INR (S t))) T <= Q i) ->
    regret_on_box r low high f x1 u T <= sum (fun i => width low high i ^ 2 / (2 * a) * sqrt (INR T) + a / 2 * Q i) d).
  { intros Sc Q HQ. eapply Rle_trans; [apply (sgd_regret o low high f x1 u d T (fun i => a / 2 * Q i) A W Play)|].
    - intros i I. eapply Rle_trans; [|apply Rmult_le_compat_l; [lra | apply HQ, I]]. rewrite <- sum_scal.
      apply sum_le. intros t _. unfold sgd_step_size. rewrite Sc. fold a r. right. unfold Rdiv. ring.
    - apply sum_le. intros i _. apply Rplus_le_compat_r.
      replace (width low high i ^ 2 / (2 * a) * sqrt (INR T)) with (width low high i ^ 2 / 2 * (sqrt (INR T) / a)) by (field; lra).
      apply Rmult_le_compat_l; [pose proof (pow2_ge_0 (width low high i)); lra|].
      destruct T as [|t]; cbn [previous]; [apply div_nonneg; [apply sqrt_pos | exact A]|].
      unfold sgd_step_size. rewrite Sc. fold a. pose proof (sqrt_pos_lt _ (INR_S_pos t)). right. field. lra. }
  repeat split.
  - intros Sc. eapply Rle_trans; [apply C_ogd_constant_proof; eassumption|]. right. reflexivity.
  - intros Sc. apply (Sq Sc (fun i => size_on_box r low high f x1 T i ^ 2)). intros i _. apply weighted_by_squares.
  - intros Sc M B. unfold part, Sgd.sharper_sqrt_bound. fold a.
    apply (Sq Sc (fun i => if_greater (2 * M i * size_on_box r low high f x1 T i) (size_on_box r low high f x1 T i ^ 2)
      (size_on_box r low high f x1 T i ^ 2) (2 * M i * size_on_box r low high f x1 T i))).
    intros i I. assert (M0 : 0 <= M i) by (eapply Rle_trans; [apply Rabs_pos | apply (B 0%nat x1 i (proj1 Play) I)]).
    pose proof (weighted_by_squares (gradients r (boxed low high) f x1 i) T).
    pose proof (weighted_by_largest (gradients r (boxed low high) f x1 i) (M i) T M0
      (fun t => B t _ i (run_in_box r d low high f x1 t (proj1 Play)) I)).
    unfold size_on_box. choices; assumption.
Qed.
