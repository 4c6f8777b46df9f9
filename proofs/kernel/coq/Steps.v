(* Proofs that steps are bounded: the newest square is a fixed share of the second moment. *)
From Coq Require Import Reals Lra Lia Psatz.
From Kernel Require Import Model Generated Base Statements Runs Window.
Open Scope R_scope.

Lemma rmsprop_velocity o l x g t (c := coord_after (Rmsprop.rule o) l x g t) :
  0 <= Rmsprop.o_beta2 o < 1 -> 0 <= Rmsprop.o_mu o < 1 -> 0 < Rmsprop.o_eps o ->
  0 <= Rmsprop.c_G c /\ Rabs (Rmsprop.c_V c) <= sqrt (/ (1 - Rmsprop.o_beta2 o)) / (1 - Rmsprop.o_mu o).
Proof.
  intros B M E. unfold c. clear c. set (w := / (1 - Rmsprop.o_beta2 o)).
  assert (W : 0 < w) by (apply Rinv_0_lt_compat; lra). assert (W1 : w * (1 - Rmsprop.o_beta2 o) = 1) by (apply Rinv_l; lra).
  pose proof (sqrt_pos w) as R0. induction t as [|t [G0 V0]].
  - simpl. rewrite Rabs_R0. split; [lra | apply div_nonneg; lra].
  - set (c := coord_after (Rmsprop.rule o) l x g t) in *. set (k := shared_after (Rmsprop.rule o) l (S t)).
    assert (Gs : Rmsprop.coord_G o k c (x t) (g t)
      = Rmsprop.o_beta2 o * Rmsprop.c_G c + (1 - Rmsprop.o_beta2 o) * (g t * g t)) by (unfold Rmsprop.coord_G; ring).
    assert (P : 0 <= Rmsprop.o_beta2 o * Rmsprop.c_G c) by (apply Rmult_le_pos; lra).
    assert (P' : 0 <= (1 - Rmsprop.o_beta2 o) * (g t * g t)) by (apply Rmult_le_pos; nra).
    assert (G1 : 0 <= Rmsprop.coord_G o k c (x t) (g t)) by lra.
    assert (Q : Rabs (1 * g t / (sqrt (Rmsprop.coord_G o k c (x t) (g t)) + Rmsprop.o_eps o)) <= 1 * sqrt w).
    { apply quotient_bounded; try lra; [rewrite Gs; nra | pose proof (sqrt_pos (Rmsprop.coord_G o k c (x t) (g t))); lra]. }
    rewrite !Rmult_1_l in Q. split; [exact G1|].
    change (Rmsprop.c_V (coord_after (Rmsprop.rule o) l x g (S t))) with (Rmsprop.k_mu k * Rmsprop.c_V c
      + g t / (sqrt (Rmsprop.coord_G o k c (x t) (g t)) + Rmsprop.o_eps o)).
    unfold k at 1. rewrite rmsprop_momentum. eapply Rle_trans; [apply Rabs_triang|].
    rewrite Rabs_mult, (Rabs_pos_eq (Rmsprop.o_mu o)) by lra.
    apply (Rmult_le_compat_l (Rmsprop.o_mu o)) in V0; [|lra].
    apply Rle_trans with (Rmsprop.o_mu o * (sqrt w / (1 - Rmsprop.o_mu o)) + sqrt w); [lra | right; field; lra].
Qed.
Theorem W6_step_proof : W6_step.
Proof.
  intros o f x1 i t r A B M E. unfold r. rewrite run_theta. set (x := iterates _ _ _ _ _). set (l := losses _ _ _ _).
  set (g := gradients _ _ _ _ _).
  change (free i _) with (x t - Rmsprop.o_alpha o * Rmsprop.c_V (coord_after (Rmsprop.rule o) l x g (S t))).
  destruct (rmsprop_velocity o l x g (S t) B M E) as [_ V]. set (v := Rmsprop.c_V _) in *.
  replace (x t - Rmsprop.o_alpha o * v - x t) with (- (Rmsprop.o_alpha o * v)) by ring.
  rewrite Rabs_Ropp, Rabs_mult, (Rabs_pos_eq (Rmsprop.o_alpha o)) by lra.
  apply Rle_trans with (Rmsprop.o_alpha o * (sqrt (/ (1 - Rmsprop.o_beta2 o)) / (1 - Rmsprop.o_mu o)));
    [apply Rmult_le_compat_l; lra|].
  assert (S0 : 0 < sqrt (1 - Rmsprop.o_beta2 o)) by (apply sqrt_pos_lt; lra). rewrite sqrt_inv.
  right. field. lra.
Qed.
Theorem C_adagrad_step_proof : C_adagrad_step.
Proof.
  intros o f x1 i t r A E. pose proof (adagrad_theta o free f x1 i t) as Th. cbv zeta in Th. fold r in Th. rewrite Th.
  unfold free. set (g := gradients r free f x1 i). set (x := iterates r free f x1 i t).
  set (s := sum (fun n => g n * g n) (S t)).
  pose proof (sum_squares_nonneg g t) as P. assert (s = sum (fun n => g n * g n) t + g t * g t) by reflexivity.
  assert (Q : Rabs (Adagrad.o_alpha o * g t / (sqrt s + Adagrad.o_eps o)) <= Adagrad.o_alpha o * sqrt 1).
  { pose proof (sqrt_pos s). assert (0 <= g t * g t) by nra. apply quotient_bounded; lra. }
  assert (Same : forall q, Rabs (x - q - x) = Rabs q) by (intros q; rewrite <- Rabs_Ropp; f_equal; ring).
  rewrite Same. rewrite sqrt_1, Rmult_1_r in Q. exact Q.
Qed.
