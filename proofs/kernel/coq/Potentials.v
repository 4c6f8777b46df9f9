(* Proofs about the shift of the potentials. *)
From Coq Require Import Reals Lra Lia Psatz.
From Kernel Require Import Model Generated Base PotentialStatements.
Open Scope R_scope.

(* h is a quotient by the step size; where it is not 0 its numerator is not 0 either. *)
Lemma numerator a b : a / b <> 0 -> a <> 0.
Proof. intros H ->. apply H. unfold Rdiv. ring. Qed.

Theorem P_dwmgrad_proof : P_dwmgrad.
Proof.
  intros o k k' c x g c' M M' A H. unfold Dwmgrad.potential_h in *. apply numerator in H.
  unfold mirror, Dwmgrad.potential_shift, Dwmgrad.potential_damp, Dwmgrad.moved, c', Dwmgrad.coord_next in *. simpl in *.
  unfold Dwmgrad.coord_V. set (b := sqrt (Dwmgrad.coord_G o k' c x g) + Dwmgrad.o_eps o) in *. field. repeat split; lra.
Qed.
Theorem P_rmsprop_proof : P_rmsprop.
Proof.
  intros o k k' c x g c' M E A H. unfold Rmsprop.potential_h in *. apply numerator in H.
  unfold mirror, Rmsprop.potential_shift, Rmsprop.potential_damp, Rmsprop.moved, c', Rmsprop.coord_next in *. simpl in *.
  unfold Rmsprop.coord_V. rewrite E. set (b := sqrt (Rmsprop.coord_G o k' c x g) + Rmsprop.o_eps o) in *.
  field. repeat split; lra.
Qed.
Theorem P_lcam_proof : P_lcam.
Proof.
  intros o k k' c x g c' M M' A.
  unfold mirror, Lcam.potential_h, Lcam.potential_shift, Lcam.potential_damp, Lcam.moved, c', Lcam.coord_next. simpl.
  unfold Lcam.coord_V. field. repeat split; lra.
Qed.
Theorem P_adam_proof : P_adam.
Proof.
  intros o k k' c x g c' h h' B H H' A C. unfold mirror, Adam.potential_shift. fold h h'.
  rewrite !if_greater_true by assumption. assert (S : Adam.moved o k' c x g = x - Adam.coord_m o k' c x g / h').
  { unfold Adam.moved, h', Adam.potential_h, c', Adam.coord_next in *. simpl in *. apply Rgt_not_eq, numerator in H'.
    set (b := sqrt (Adam.coord_v o k' c x g) / Adam.k_c2 k' + Adam.o_eps o) in *.
    assert (b <> 0) by (intros Z; rewrite Z in H'; lra). field. repeat split; assumption. }
  rewrite S. change (Adam.c_m c') with (Adam.coord_m o k' c x g). unfold Adam.potential_damp, Adam.coord_m. field.
  repeat split; lra.
Qed.
Theorem P_adamomentum_proof : P_adamomentum.
Proof.
  intros o k k' c x g c' h h' B H H' A C. unfold mirror, Adamomentum.potential_shift. fold h h'.
  rewrite !if_greater_true by assumption.
  assert (S : Adamomentum.moved o k' c x g = x - Adamomentum.coord_m o k' c x g / h').
  { unfold Adamomentum.moved, h', Adamomentum.potential_h, c', Adamomentum.coord_next in *. simpl in *.
    apply Rgt_not_eq, numerator in H'. set (b := sqrt (Adamomentum.coord_v o k' c x g / Adamomentum.k_c2 k')) in *.
    assert (b <> 0) by (intros Z; rewrite Z in H'; lra). field. repeat split; assumption. }
  rewrite S. change (Adamomentum.c_m c') with (Adamomentum.coord_m o k' c x g).
  unfold Adamomentum.potential_damp, Adamomentum.coord_m. field. repeat split; lra.
Qed.
Theorem P_adagrad_proof : P_adagrad.
Proof.
  intros o k k' c x g c' A H. unfold Adagrad.potential_h in *. apply numerator in H.
  unfold mirror, Adagrad.potential_shift, Adagrad.potential_damp, Adagrad.moved, c', Adagrad.coord_next in *. simpl in *.
  set (b := sqrt (Adagrad.coord_G o k' c x g) + Adagrad.o_eps o) in *. field. repeat split; lra.
Qed.
Theorem P_sgd_proof : P_sgd.
Proof.
  intros o k k' c x g c' A. unfold mirror, Sgd.potential_h, Sgd.potential_shift, Sgd.potential_damp, Sgd.moved. field. exact A.
Qed.
