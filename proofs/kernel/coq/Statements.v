(* What is proved, without proofs. Read Model.v first: runs, games, regret. The formulas are Generated.v's.
   A statement says for all options in range, all losses, gradients and starts, and every number of steps and coordinates.
   Division by zero: Coq's x / 0 is some number, so every statement either excludes it or holds whatever it is. *)
From Coq Require Import Reals.
From Kernel Require Import Model Generated.
Open Scope R_scope.

(* ---- DWMGrad's window, one coordinate's memory and potential, after t steps with losses l, iterates x, gradients g *)
Section Dwmgrad.
Variable o : Dwmgrad.options.
Definition window (l : nat -> R) (t : nat) : R := Dwmgrad.k_omega (shared_after (Dwmgrad.rule o) l t).
Definition momentum (l : nat -> R) (t : nat) : R := Dwmgrad.k_mu (shared_after (Dwmgrad.rule o) l t).
Definition step_size (l : nat -> R) (t : nat) : R := Dwmgrad.k_alpha (shared_after (Dwmgrad.rule o) l t).
Definition sum_of_signal (l : nat -> R) (t : nat) : R := (* since the last reset, step t's signal included *)
  Dwmgrad.k_beta (shared_after (Dwmgrad.rule o) l t) + Dwmgrad.next_s o (shared_after (Dwmgrad.rule o) l t) (l t).
Definition moment (l x g : nat -> R) (t : nat) : R := Dwmgrad.c_G (coord_after (Dwmgrad.rule o) l x g t).
Definition velocity (l x g : nat -> R) (t : nat) : R := Dwmgrad.c_V (coord_after (Dwmgrad.rule o) l x g t).
Definition preconditioner (l x g : nat -> R) (t : nat) : R := (* h of step t *)
  Dwmgrad.potential_h o (shared_after (Dwmgrad.rule o) l (S t)) (coord_after (Dwmgrad.rule o) l x g (S t)).

Definition below_cap (w : R) : Prop := match Dwmgrad.o_delta o with Finite delta => w <= delta | Infinite => True end.
Definition capped (w : R) : R := match Dwmgrad.o_delta o with Finite delta => Rmin w delta | Infinite => w end.
Definition window_options : Prop := 0 <= Dwmgrad.o_omega0 o /\ below_cap (Dwmgrad.o_omega0 o) /\ below_cap 1.
Definition step_options : Prop := 0 < Dwmgrad.o_alpha o /\ 0 <= Dwmgrad.o_eps o.
Definition momentum_options : Prop := 0 <= Dwmgrad.o_gamma o < 1.
Definition sqrt_schedule : Prop := Dwmgrad.o_schedule o = Dwmgrad.Schedule_sqrt /\ Dwmgrad.o_guard o = false.
Definition constant_schedule : Prop := Dwmgrad.o_schedule o = Dwmgrad.Schedule_constant /\ Dwmgrad.o_guard o = false.
Definition no_momentum : Prop :=
  Dwmgrad.o_gamma o = 0 \/ (Dwmgrad.o_delta o = Infinite /\ Dwmgrad.o_momentum o = Dwmgrad.Momentum_tied).
Definition signal_loss : Prop := Dwmgrad.o_signal o = Dwmgrad.Signal_loss.
End Dwmgrad.
Definition positive (l : nat -> R) : Prop := forall t, 0 < l t.

(* ---- The window (W1, W2) *)
Definition W1_window : Prop := forall o l t, window_options o ->
  1 <= window o l (S t) /\ below_cap o (window o l (S t)) /\ Rabs (window o l (S t) - window o l t) <= 1.
Definition W1_momentum : Prop := forall o l t, window_options o -> momentum_options o ->
  0 <= momentum o l (S t) <= Dwmgrad.o_gamma o /\
  (0 < Dwmgrad.o_gamma o -> Dwmgrad.o_delta o <> Infinite -> 0 < momentum o l (S t)).
Definition W2_saturation : Prop := forall o l t, window_options o -> signal_loss o -> positive l ->
  window o l t = capped o (Dwmgrad.o_omega0 o + INR t).
Definition W2_condition : Prop := forall o l t, window_options o -> 0 < Dwmgrad.o_omega0 o ->
  (forall delta, Dwmgrad.o_delta o = Finite delta -> 1 < delta) ->
  (window o l (S t) = capped o (window o l t + 1) <-> 0 < sum_of_signal o l t).
(* Losses that are only non-negative do not suffice: the refuted variant of W2. *)
Definition W2_zero : Prop := exists o l, window_options o /\ signal_loss o /\ (forall t, 0 <= l t) /\
  window o l 1 <> capped o (Dwmgrad.o_omega0 o + 1).
Definition W2_unreset_increase : Prop := forall o l t,
  Dwmgrad.o_signal o = Dwmgrad.Signal_increase -> Dwmgrad.o_reset o = false -> Dwmgrad.o_epoch o = Infinite ->
  sum_of_signal o l t = l t.
Definition W2_unreset_decrease : Prop := forall o l t,
  Dwmgrad.o_signal o = Dwmgrad.Signal_decrease -> Dwmgrad.o_reset o = false -> Dwmgrad.o_epoch o = Infinite ->
  sum_of_signal o l t = l 0%nat - l t.

(* ---- The second moment (W3 - W7) *)
Definition weight (w : nat -> R) (t s : nat) : R := / w s * prod (fun r => 1 - / w (s + 1 + r)%nat) (t - S s).
Definition W3_weights : Prop := forall o l x g t, window_options o ->
  let w s := window o l (S s) in
  moment o l x g t = sum (fun s => weight w t s * (g s * g s)) t /\
  (forall s, (s < t)%nat -> 0 <= weight w t s) /\
  sum (weight w t) t = 1 - prod (fun s => 1 - / w s) t.
Definition W4_exact_mean : Prop := forall o l x g t, window_options o ->
  (forall s, (s <= t)%nat -> window o l s = Dwmgrad.o_omega0 o + INR s) ->
  moment o l x g t = sum (fun s => g s * g s) t / (Dwmgrad.o_omega0 o + INR t).
Definition W4_upper : Prop := forall o l x g t, window_options o ->
  window o l t * moment o l x g t <= sum (fun s => g s * g s) t.
(* From omega_0 = 0 an expanding window is AdaGrad: the same iterates in every game with positive losses. *)
Definition W4_adagrad : Prop := forall o a project f x1,
  sqrt_schedule o -> no_momentum o -> signal_loss o -> Dwmgrad.o_delta o = Infinite -> Dwmgrad.o_omega0 o = 0 ->
  Dwmgrad.o_eps o = 0 -> Adagrad.o_eps a = 0 -> Adagrad.o_alpha a = Dwmgrad.o_alpha o ->
  (forall t x, 0 < loss f t x) ->
  forall t i, theta (run (Dwmgrad.rule o) project f x1 t) i = theta (run (Adagrad.rule a) project f x1 t) i.
Definition W5_moment : Prop := forall o l x g t, window_options o ->
  g t * g t <= window o l (S t) * moment o l x g (S t).
Definition W5_step : Prop := forall o l x g t, window_options o -> step_options o ->
  0 < sqrt (moment o l x g (S t)) + Dwmgrad.o_eps o ->
  Rabs (step_size o l (S t) * g t / (sqrt (moment o l x g (S t)) + Dwmgrad.o_eps o))
    <= step_size o l (S t) * sqrt (window o l (S t)).
Definition W5_velocity : Prop := forall o l x g t delta,
  window_options o -> step_options o -> momentum_options o -> Dwmgrad.o_delta o = Finite delta ->
  (forall s, (s < t)%nat -> 0 < sqrt (moment o l x g (S s)) + Dwmgrad.o_eps o) ->
  Rabs (velocity o l x g t) <= Dwmgrad.o_alpha o * sqrt delta / (1 - Dwmgrad.o_gamma o).
(* Started saturated it is RMSProp with momentum: the same iterates in every game with positive losses. *)
Definition W6_rmsprop : Prop := forall o r project f x1 delta,
  constant_schedule o -> signal_loss o -> Dwmgrad.o_delta o = Finite delta -> 1 <= delta ->
  Dwmgrad.o_omega0 o = delta -> Rmsprop.o_alpha r = Dwmgrad.o_alpha o -> Rmsprop.o_beta2 r = 1 - 1 / delta ->
  Rmsprop.o_mu r = Dwmgrad.o_gamma o -> Rmsprop.o_eps r = Dwmgrad.o_eps o -> (forall t x, 0 < loss f t x) ->
  forall t i, theta (run (Dwmgrad.rule o) project f x1 t) i = theta (run (Rmsprop.rule r) project f x1 t) i.
Definition W7_sign_descent : Prop := forall o l x g t, window o l (S t) = 1 ->
  moment o l x g (S t) = g t * g t /\
  velocity o l x g (S t) = momentum o l (S t) * velocity o l x g t
    + step_size o l (S t) * g t / (Rabs (g t) + Dwmgrad.o_eps o).

(* ---- The potential condition (W8) *)
Definition W8_sufficient : Prop := forall o l x g t, window_options o -> step_options o -> sqrt_schedule o ->
  INR (S (S t)) <= window o l (S (S t)) -> preconditioner o l x g t <= preconditioner o l x g (S t).
Definition W8_necessary : Prop := forall o l x, window_options o -> step_options o -> sqrt_schedule o ->
  (forall g t, preconditioner o l x g t <= preconditioner o l x g (S t)) ->
  forall t, INR (S t) <= window o l (S t).
Definition W8_constant : Prop := forall o l x g t, window_options o -> step_options o -> constant_schedule o ->
  0 < moment o l x g (S t) -> g (S t) = 0 -> preconditioner o l x g (S t) < preconditioner o l x g t.
