(* What the shift of a rule's potential is for (F-...-potential): over a step with unchanged momentum the mirrored iterate
   moves by the gradient over damp h, the rest by what the momentum changed. *)
From Coq Require Import Reals.
From Kernel Require Import Model Generated.
Open Scope R_scope.

Definition P_dwmgrad : Prop := forall o k k' c x g (c' := Dwmgrad.coord_next o k' c x g),
  Dwmgrad.k_mu k <> 1 -> Dwmgrad.k_mu k' <> 1 -> Dwmgrad.k_alpha k' <> 0 -> Dwmgrad.potential_h o k' c' <> 0 ->
  mirror x (Dwmgrad.potential_shift o k c) - mirror (Dwmgrad.moved o k' c x g) (Dwmgrad.potential_shift o k' c')
    = g / (Dwmgrad.potential_damp o k' c' * Dwmgrad.potential_h o k' c')
    + (Dwmgrad.k_mu k' / (1 - Dwmgrad.k_mu k') - Dwmgrad.k_mu k / (1 - Dwmgrad.k_mu k)) * Dwmgrad.c_V c.
Definition P_rmsprop : Prop := forall o k k' c x g (c' := Rmsprop.coord_next o k' c x g),
  Rmsprop.k_mu k <> 1 -> Rmsprop.k_mu k' = Rmsprop.k_mu k -> Rmsprop.o_alpha o <> 0 ->
  Rmsprop.potential_h o k' c' <> 0 ->
  mirror x (Rmsprop.potential_shift o k c) - mirror (Rmsprop.moved o k' c x g) (Rmsprop.potential_shift o k' c')
    = g / (Rmsprop.potential_damp o k' c' * Rmsprop.potential_h o k' c').
Definition P_lcam : Prop := forall o k k' c x g (c' := Lcam.coord_next o k' c x g),
  Lcam.k_mu k <> 1 -> Lcam.k_mu k' <> 1 -> Lcam.o_alpha o <> 0 ->
  mirror x (Lcam.potential_shift o k c) - mirror (Lcam.moved o k' c x g) (Lcam.potential_shift o k' c')
    = (g + Lcam.o_weight_decay o * x) / (Lcam.potential_damp o k' c' * Lcam.potential_h o k' c')
    + Lcam.o_alpha o * (Lcam.k_mu k' / (1 - Lcam.k_mu k') - Lcam.k_mu k / (1 - Lcam.k_mu k)) * Lcam.c_V c.
(* Adam's kind, whose momentum is averaged before the division by h: the change of h remains. *)
Definition P_adam : Prop := forall o k k' c x g (c' := Adam.coord_next o k' c x g),
  let h := Adam.potential_h o k c in let h' := Adam.potential_h o k' c' in
  Adam.o_beta1 o <> 1 -> 0 < h -> 0 < h' -> Adam.k_alpha k' <> 0 -> Adam.k_c1 k' <> 0 ->
  mirror x (Adam.potential_shift o k c) - mirror (Adam.moved o k' c x g) (Adam.potential_shift o k' c')
    = g / (Adam.potential_damp o k' c' * h') + Adam.o_beta1 o / (1 - Adam.o_beta1 o) * (/ h' - / h) * Adam.c_m c.
Definition P_adamomentum : Prop := forall o k k' c x g (c' := Adamomentum.coord_next o k' c x g),
  let h := Adamomentum.potential_h o k c in let h' := Adamomentum.potential_h o k' c' in
  Adamomentum.o_beta1 o <> 1 -> 0 < h -> 0 < h' -> Adamomentum.k_alpha k' <> 0 -> Adamomentum.k_c1 k' <> 0 ->
  mirror x (Adamomentum.potential_shift o k c)
    - mirror (Adamomentum.moved o k' c x g) (Adamomentum.potential_shift o k' c')
    = g / (Adamomentum.potential_damp o k' c' * h')
    + Adamomentum.o_beta1 o / (1 - Adamomentum.o_beta1 o) * (/ h' - / h) * Adamomentum.c_m c.
Definition P_adagrad : Prop := forall o k k' c x g (c' := Adagrad.coord_next o k' c x g),
  Adagrad.o_alpha o <> 0 -> Adagrad.potential_h o k' c' <> 0 ->
  mirror x (Adagrad.potential_shift o k c) - mirror (Adagrad.moved o k' c x g) (Adagrad.potential_shift o k' c')
    = g / (Adagrad.potential_damp o k' c' * Adagrad.potential_h o k' c').
Definition P_sgd : Prop := forall o k k' c x g (c' := Sgd.coord_next o k' c x g), Sgd.k_alpha k' <> 0 ->
  mirror x (Sgd.potential_shift o k c) - mirror (Sgd.moved o k' c x g) (Sgd.potential_shift o k' c')
    = (g + Sgd.o_weight_decay o * x) / (Sgd.potential_damp o k' c' * Sgd.potential_h o k' c').
