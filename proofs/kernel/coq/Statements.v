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
(* The driver's projection onto a box. *)
Definition boxed (low high : point) (i : nat) (x : R) : R := clip (low i) (high i) x.
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

(* ---- Steps are bounded whatever the gradients (W6-step for RMSProp; AdaGrad) *)
Definition W6_step : Prop := forall o f x1 i t (r := Rmsprop.rule o),
  0 < Rmsprop.o_alpha o -> 0 <= Rmsprop.o_beta2 o < 1 -> 0 <= Rmsprop.o_mu o < 1 -> 0 < Rmsprop.o_eps o ->
  Rabs (iterates r free f x1 i (S t) - iterates r free f x1 i t)
    <= Rmsprop.o_alpha o / (sqrt (1 - Rmsprop.o_beta2 o) * (1 - Rmsprop.o_mu o)).
Definition C_adagrad_step : Prop := forall o f x1 i t (r := Adagrad.rule o),
  0 < Adagrad.o_alpha o -> 0 < Adagrad.o_eps o ->
  Rabs (iterates r free f x1 i (S t) - iterates r free f x1 i t) <= Adagrad.o_alpha o.

(* ---- The potential condition (W8) *)
Definition W8_sufficient : Prop := forall o l x g t, window_options o -> step_options o -> sqrt_schedule o ->
  INR (S (S t)) <= window o l (S (S t)) -> preconditioner o l x g t <= preconditioner o l x g (S t).
Definition W8_necessary : Prop := forall o l x, window_options o -> step_options o -> sqrt_schedule o ->
  (forall g t, preconditioner o l x g t <= preconditioner o l x g (S t)) ->
  forall t, INR (S t) <= window o l (S t).
Definition W8_constant : Prop := forall o l x g t, window_options o -> step_options o -> constant_schedule o ->
  0 < moment o l x g (S t) -> g (S t) = 0 -> preconditioner o l x g (S t) < preconditioner o l x g t.

(* ---- Regret (R1 - R5) *)
(* Sum of the increases of H, from 0. *)
Definition previous (H : nat -> R) (t : nat) : R := match t with O => 0 | S n => H n end.
Definition variation (H : nat -> R) (T : nat) : R := sum (fun t => Rmax 0 (H t - previous H t)) T.

Definition R1_one_step : Prop := forall o k c x g low high u,
  let h := Dwmgrad.potential_h o k (Dwmgrad.coord_next o k c x g) in
  let y := Dwmgrad.moved o k c x g in
  Dwmgrad.k_mu k = 0 -> 0 < Dwmgrad.k_alpha k -> 0 < h -> low <= u <= high ->
  g * (x - u) = h / 2 * ((x - u) ^ 2 - (y - u) ^ 2) + g ^ 2 / (2 * h) /\
  g * (x - u) <= h / 2 * ((x - u) ^ 2 - (clip low high y - u) ^ 2) + g ^ 2 / (2 * h).

(* The a-posteriori certificate of any rule (R2+), with any potential, even a wrong one: what the observer `bound` sums
   along a run on a box. z is the mirrored iterate, w its next place before the projection brings it nearer. *)
Section Certificate.
Variables (r : rule) (low high : point) (f : game) (x1 : point).
Notation state_after t := (run r (boxed low high) f x1 t).
Definition mirrored_iterate (i t : nat) : R := mirror (theta (state_after t) i) (shift r (k (state_after t)) (c (state_after t) i)).
Definition next_unprojected (i t : nat) : R :=
  unprojected (low i) (high i)
    (moved r (k (state_after (S t))) (c (state_after t) i) (theta (state_after t) i) (gradients r (boxed low high) f x1 i t))
    (shift r (k (state_after (S t))) (c (state_after (S t)) i)).
Fixpoint observed (i t : nat) : Observer.sums :=
  match t with
  | O => Observer.nothing
  | S n => Observer.next (observed i n) (INR (S n)) (gradients r (boxed low high) f x1 i n)
      (h r (k (state_after (S n))) (c (state_after (S n)) i)) (damp r (k (state_after (S n))) (c (state_after (S n)) i))
      (mirrored_iterate i n) (next_unprojected i n)
  end.
Definition observed_bound (d T : nat) : R :=
  sum (fun i => Observer.certificate (observed i T) (low i) (high i)) d
  + sum (fun t => sum (fun i =>
      Observer.lag (theta (state_after t) i) (mirrored_iterate i t) (gradients r (boxed low high) f x1 i t)) d) T.
End Certificate.
Definition R2plus_certificate : Prop := forall r d low high f x1 u T,
  in_box d low high x1 -> in_box d low high u -> convex_on (in_box d low high) d f ->
  regret r (boxed low high) f x1 u T <= observed_bound r low high f x1 d T.

(* DWMGrad without momentum along a run on a box. *)
Section Run.
Variables (o : Dwmgrad.options) (low high : point) (f : game) (x1 : point).
Notation r := (Dwmgrad.rule o).
Notation p := (boxed low high).
Definition run_window (t : nat) : R := window o (losses r p f x1) t.
Definition run_preconditioner (i t : nat) : R :=
  preconditioner o (losses r p f x1) (iterates r p f x1 i) (gradients r p f x1 i) t.
Definition run_size (i T : nat) : R := size (gradients r p f x1 i) T. (* S_T of coordinate i *)
Definition width (i : nat) : R := high i - low i.
(* What a theorem asks of options, box, start and losses. *)
Definition convex_game (d : nat) : Prop :=
  in_box d low high x1 /\ convex_on (in_box d low high) d f /\
  forall i, (i < d)%nat -> 0 < Dwmgrad.o_eps o \/ gradient f 0 x1 i <> 0.
Definition positive_losses (d : nat) : Prop := forall t x, in_box d low high x -> 0 < loss f t x.
(* [D²/(2 alpha) + alpha C] S_T + D² eps sqrt(T)/(2 alpha), summed over coordinates *)
Definition bound_with (C : R) (d T : nat) : R :=
  sum (fun i => (width i ^ 2 / (2 * Dwmgrad.o_alpha o) + Dwmgrad.o_alpha o * C) * run_size i T
    + width i ^ 2 * Dwmgrad.o_eps o * sqrt (INR T) / (2 * Dwmgrad.o_alpha o)) d.
End Run.

Definition R2_certificate : Prop := forall o d low high f x1 u D T,
  window_options o -> step_options o -> no_momentum o -> in_box d low high u -> convex_game o low high f x1 d ->
  (forall i t, (i < d)%nat -> (t < T)%nat ->
    0 < run_preconditioner o low high f x1 i t /\
    Rabs (theta (run (Dwmgrad.rule o) (boxed low high) f x1 t) i - u i) <= D i) ->
  regret (Dwmgrad.rule o) (boxed low high) f x1 u T <= sum (fun i =>
    let h := run_preconditioner o low high f x1 i in let g := gradients (Dwmgrad.rule o) (boxed low high) f x1 i in
    D i ^ 2 / 2 * variation h T + sum (fun t => g t ^ 2 / (2 * h t)) T) d.

(* The general theorem: any signal, as long as the window has kept up with the steps. The leak L_t says how much of the
   sum of squares the narrower moves of the window have lost; an expanding window has L_t = 1. *)
Fixpoint leak (w : nat -> R) (t : nat) : R := (* of step t, whose window is w (S t) *)
  match t with O => 1 | S n => leak w n * ((w (S t) - 1) / w t) end.
Definition R3_general : Prop := forall o d low high f x1 u C T,
  window_options o -> step_options o -> sqrt_schedule o -> no_momentum o ->
  in_box d low high u -> convex_game o low high f x1 d -> 0 <= C ->
  (let w := run_window o low high f x1 in forall t, (t < T)%nat ->
    INR (S t) <= w (S t) <= C ^ 2 * INR (S t) * leak w t) ->
  regret (Dwmgrad.rule o) (boxed low high) f x1 u T <= bound_with o low high f x1 C d T.
(* The expanding window: positive losses, the signal `loss`, a cap that is not yet reached. This is also R5: with a finite
   cap the bound holds up to the step T = delta - omega_0. *)
Definition R3_expanding : Prop := forall o d low high f x1 u T,
  window_options o -> step_options o -> sqrt_schedule o -> no_momentum o -> signal_loss o ->
  in_box d low high u -> convex_game o low high f x1 d -> positive_losses low high f d ->
  below_cap o (Dwmgrad.o_omega0 o + INR T) ->
  regret (Dwmgrad.rule o) (boxed low high) f x1 u T
    <= bound_with o low high f x1 (sqrt (1 + Dwmgrad.o_omega0 o)) d T.
(* Gradients of size at most M make it a constant times the root of T. *)
Definition R3_rate : Prop := forall o d low high f x1 u M T,
  window_options o -> step_options o -> sqrt_schedule o -> no_momentum o -> signal_loss o ->
  in_box d low high u -> convex_game o low high f x1 d -> positive_losses low high f d ->
  below_cap o (Dwmgrad.o_omega0 o + INR T) ->
  (forall t x i, in_box d low high x -> (i < d)%nat -> Rabs (gradient f t x i) <= M i) ->
  regret (Dwmgrad.rule o) (boxed low high) f x1 u T <= sqrt (INR T) * sum (fun i =>
    (width low high i ^ 2 / (2 * Dwmgrad.o_alpha o) + Dwmgrad.o_alpha o * sqrt (1 + Dwmgrad.o_omega0 o)) * M i
    + width low high i ^ 2 * Dwmgrad.o_eps o / (2 * Dwmgrad.o_alpha o)) d.
(* The step size with the smallest factor of S_T: D / sqrt(2 sqrt(1 + omega_0)). *)
Definition R3_best_alpha : Prop := forall D omega0 alpha, 0 < D -> 0 <= omega0 -> 0 < alpha ->
  let factor a := D ^ 2 / (2 * a) + a * sqrt (1 + omega0) in
  let best := D / sqrt (2 * sqrt (1 + omega0)) in
  factor best = D * sqrt (2 * sqrt (1 + omega0)) /\ factor best <= factor alpha.
(* A capped window: a bound up to T = delta, for whole omega_0 and delta. *)
Definition R5_longer : Prop := forall o d low high f x1 u T n N,
  step_options o -> sqrt_schedule o -> no_momentum o -> signal_loss o ->
  Dwmgrad.o_omega0 o = INR n -> Dwmgrad.o_delta o = Finite (INR N) -> (n <= N)%nat -> (2 <= N)%nat -> (T <= N)%nat ->
  in_box d low high u -> convex_game o low high f x1 d -> positive_losses low high f d ->
  regret (Dwmgrad.rule o) (boxed low high) f x1 u T
    <= bound_with o low high f x1 (sqrt ((1 + INR n) / (1 - 1 / INR N) ^ n)) d T.

(* ---- Controls: AdaGrad, online gradient descent, AMSGrad *)
Section AnyRule.
Variables (r : rule) (low high : point) (f : game) (x1 u : point) (d T : nat).
(* A convex game on a box, and a comparator in it. *)
Definition convex_play : Prop := in_box d low high x1 /\ in_box d low high u /\ convex_on (in_box d low high) d f.
Definition regret_on_box : R := regret r (boxed low high) f x1 u T.
Definition size_on_box (i : nat) : R := size (gradients r (boxed low high) f x1 i) T.
End AnyRule.

Definition C_adagrad : Prop := forall o low high f x1 u d T (r := Adagrad.rule o),
  0 < Adagrad.o_alpha o -> 0 <= Adagrad.o_eps o -> convex_play low high f x1 u d ->
  (forall i, (i < d)%nat -> 0 < Adagrad.o_eps o \/ gradient f 0 x1 i <> 0) ->
  regret_on_box r low high f x1 u T <= sum (fun i =>
    width low high i ^ 2 / (2 * Adagrad.o_alpha o) * (size_on_box r low high f x1 T i + Adagrad.o_eps o)
    + Adagrad.o_alpha o * size_on_box r low high f x1 T i) d.
(* Zinkevich's bounds, for alpha/sqrt(t) with gradients of size at most M, and for a constant step size. *)
Definition C_ogd_sqrt : Prop := forall o low high f x1 u d T M (r := Sgd.rule o),
  0 < Sgd.o_alpha o -> Sgd.o_weight_decay o = 0 -> Sgd.o_schedule o = Sgd.Schedule_sqrt ->
  convex_play low high f x1 u d ->
  (forall t x i, in_box d low high x -> (i < d)%nat -> Rabs (gradient f t x i) <= M i) ->
  regret_on_box r low high f x1 u T <=
    sqrt (INR T) * sum (fun i => width low high i ^ 2 / (2 * Sgd.o_alpha o) + Sgd.o_alpha o * M i ^ 2) d.
Definition C_ogd_constant : Prop := forall o low high f x1 u d T (r := Sgd.rule o),
  0 < Sgd.o_alpha o -> Sgd.o_weight_decay o = 0 -> Sgd.o_schedule o = Sgd.Schedule_constant ->
  convex_play low high f x1 u d ->
  regret_on_box r low high f x1 u T <= sum (fun i =>
    width low high i ^ 2 / (2 * Sgd.o_alpha o) + Sgd.o_alpha o / 2 * size_on_box r low high f x1 T i ^ 2) d.
(* AMSGrad in the paper's form with constant beta1: a bound of order sqrt(T log T) for gradients of size at most M. *)
Definition adam_rates (beta1 beta2 : R) : Prop := 0 <= beta1 < 1 /\ 0 <= beta2 < 1.
Definition C_amsgrad : Prop := forall o low high f x1 u d T M (r := Amsgrad.rule o),
  let alpha := Amsgrad.o_alpha o in let b1 := Amsgrad.o_beta1 o in let b2 := Amsgrad.o_beta2 o in
  let eps := Amsgrad.o_eps o in
  0 < alpha -> 0 <= eps -> adam_rates b1 b2 -> b1 ^ 2 < b2 ->
  Amsgrad.o_schedule o = Amsgrad.Schedule_sqrt -> Amsgrad.o_bias_correction o = false ->
  convex_play low high f x1 u d -> (forall i, (i < d)%nat -> 0 < eps \/ gradient f 0 x1 i <> 0) ->
  (forall t x i, in_box d low high x -> (i < d)%nat -> Rabs (gradient f t x i) <= M i) ->
  regret_on_box r low high f x1 u T <= sum (fun i =>
    width low high i ^ 2 * sqrt (INR T) * (M i + eps) / (2 * alpha * (1 - b1))
    + alpha * (1 + b1) / (2 * sqrt ((1 - b2) * (1 - b1 ^ 2 / b2)))
      * sqrt (1 + ln (INR T)) * size_on_box r low high f x1 T i) d.

(* ---- AdaMomentum (R8): the convex theorem, repaired, about the formula that runs, bias corrections included.
   It rests on h = potential_h never decreasing along the run; the printed hypothesis v_t <= v_{t+1} is of this kind. *)
Definition adamomentum_h (o : Adamomentum.options) low high f x1 (i t : nat) : R :=
  let s := run (Adamomentum.rule o) (boxed low high) f x1 (S t) in Adamomentum.potential_h o (k s) (c s i).
Definition R8_constant : Prop := forall o low high f x1 u d T (r := Adamomentum.rule o),
  let alpha := Adamomentum.o_alpha o in let b1 := Adamomentum.o_beta1 o in let b2 := Adamomentum.o_beta2 o in
  let h := adamomentum_h o low high f x1 in
  0 < alpha -> 0 <= Adamomentum.o_eps o -> adam_rates b1 b2 ->
  Adamomentum.o_schedule o = Adamomentum.Schedule_sqrt -> convex_play low high f x1 u d ->
  (forall i t, (i < d)%nat -> (t < T)%nat -> 0 < h i t) ->
  (forall i t, (i < d)%nat -> (S t < T)%nat -> h i t <= h i (S t)) ->
  regret_on_box r low high f x1 u T <= sum (fun i =>
    width low high i ^ 2 / (2 * (1 - b1)) * previous (h i) T
    + alpha * (1 + b1) / (2 * (1 - b1) ^ 2 * sqrt (1 - b2))
      * sqrt (1 + ln (INR T)) * size_on_box r low high f x1 T i) d.
(* Its first step has the size alpha |g| / sqrt((1 - beta1)² g² + eps/(1 - beta2)): alpha/(1 - beta1) if eps = 0. *)
Definition R8_first_step : Prop := forall o f x1 i,
  let g := gradient f 0 x1 i in
  let alpha := Adamomentum.o_alpha o in let b1 := Adamomentum.o_beta1 o in let b2 := Adamomentum.o_beta2 o in
  0 <= Adamomentum.o_eps o -> adam_rates b1 b2 -> g <> 0 -> Adamomentum.o_schedule o = Adamomentum.Schedule_sqrt ->
  theta (run (Adamomentum.rule o) free f x1 1) i
    = x1 i - alpha * g / sqrt ((1 - b1) ^ 2 * g ^ 2 + Adamomentum.o_eps o / (1 - b2)).
(* Two steps of the printed proof that are false of the formula that runs. *)
Definition mean_of (o : Adamomentum.options) (l x g : nat -> R) (t : nat) : R :=
  Adamomentum.c_m (coord_after (Adamomentum.rule o) l x g (S t)).
Definition R8a_refuted : Prop := exists o l x g t, adam_rates (Adamomentum.o_beta1 o) (Adamomentum.o_beta2 o) /\
  ~ ((1 - Adamomentum.o_beta1 o) * g t) ^ 2 <= mean_of o l x g t ^ 2.

(* ---- Constant momentum (R4): one convex loss, no projection; D bounds the mirrored iterate *)
Section Momentum.
Variables (o : Dwmgrad.options) (f : game) (x1 : point).
Notation s t := (run (Dwmgrad.rule o) free f x1 t).
Definition free_mirrored (i t : nat) : R :=
  theta (s t) i - Dwmgrad.o_gamma o / (1 - Dwmgrad.o_gamma o) * Dwmgrad.c_V (c (s t) i).
Definition free_size (i T : nat) : R := size (gradients (Dwmgrad.rule o) free f x1 i) T.
End Momentum.
Definition R4_constant_momentum : Prop := forall o d f x1 u D n,
  let mu := Dwmgrad.o_gamma o in let alpha := Dwmgrad.o_alpha o in let T := S n in
  let last := theta (run (Dwmgrad.rule o) free f x1 n) in
  window_options o -> step_options o -> sqrt_schedule o -> signal_loss o -> momentum_options o ->
  Dwmgrad.o_momentum o = Dwmgrad.Momentum_constant -> below_cap o (Dwmgrad.o_omega0 o + INR T) ->
  convex_on everywhere d f -> (forall t x, loss f t x = loss f 0 x) -> (forall t x, 0 < loss f t x) ->
  (forall i, (i < d)%nat -> 0 < Dwmgrad.o_eps o \/ gradient f 0 x1 i <> 0) ->
  (forall i t, (i < d)%nat -> (t < T)%nat -> Rabs (free_mirrored o f x1 i t - u i) <= D i) ->
  regret (Dwmgrad.rule o) free f x1 u T <= sum (fun i =>
    ((1 - mu) * D i ^ 2 / (2 * alpha) + alpha * sqrt (1 + Dwmgrad.o_omega0 o) / (1 - mu)) * free_size o f x1 i T
    + (1 - mu) * D i ^ 2 * Dwmgrad.o_eps o * sqrt (INR T) / (2 * alpha)) d
    + mu / (1 - mu) * (loss f 0 x1 - loss f 0 last).

(* ---- Momentum tied to the window while it grows (R4-tied): mu_t = gamma (omega_0 + t)/delta, one convex loss, u its
   minimizer, no projection. What the mirrored iterate looks ahead, backwards from the last step T:
   c_(T+1) = mu_T/(1 - mu_T), c_t = mu_t (1 + c_(t+1)). *)
Fixpoint look_ahead (mu : nat -> R) (T k : nat) : R := (* c_(T+1-k) *)
  match k with O => mu T / (1 - mu T) | S j => mu (T - j)%nat * (1 + look_ahead mu T j) end.
Definition tied_momentum (o : Dwmgrad.options) (delta : R) (t : nat) : R :=
  Dwmgrad.o_gamma o * (Dwmgrad.o_omega0 o + INR t) / delta.
Definition tied_mirrored (o : Dwmgrad.options) (delta : R) (f : game) (x1 : point) (T i t : nat) : R :=
  let s := run (Dwmgrad.rule o) free f x1 t in
  theta s i - look_ahead (tied_momentum o delta) T (T - t) * Dwmgrad.c_V (c s i).
Definition R4_tied : Prop := forall o d f x1 (u D : nat -> R) T delta,
  let gamma := Dwmgrad.o_gamma o in let alpha := Dwmgrad.o_alpha o in let omega0 := Dwmgrad.o_omega0 o in
  let q := gamma / (delta * (1 - gamma) ^ 2) in let rho := q / (1 - q) in
  window_options o -> step_options o -> sqrt_schedule o -> signal_loss o -> momentum_options o ->
  Dwmgrad.o_momentum o = Dwmgrad.Momentum_tied -> Dwmgrad.o_delta o = Finite delta ->
  omega0 + INR T <= delta -> 2 * gamma < delta * (1 - gamma) ^ 2 -> (2 <= T)%nat ->
  convex_on everywhere d f -> (forall t x, loss f t x = loss f 0 x) -> (forall t x, 0 < loss f t x) ->
  (forall x, loss f 0 u <= loss f 0 x) ->
  (forall i, (i < d)%nat -> 0 < Dwmgrad.o_eps o \/ gradient f 0 x1 i <> 0) ->
  (forall i t, (i < d)%nat -> (t < T)%nat -> Rabs (tied_mirrored o delta f x1 T i t - u i) <= D i) ->
  (1 - rho) * regret (Dwmgrad.rule o) free f x1 u T <= sum (fun i =>
    D i ^ 2 / (2 * alpha) * (1 - gamma * (omega0 + 2) / delta)
      * (free_size o f x1 i T + Dwmgrad.o_eps o * sqrt (INR T))
    + alpha * sqrt (1 + omega0) / (1 - gamma) * free_size o f x1 i T) d
    + gamma / (1 - gamma) * (loss f 0 x1 - loss f 0 u).

(* ---- An exact cycle (R7): with a constant step size, on the loss curvature x²/2, theta = ± a for ever, at any window *)
Definition R7_cycle : Prop := forall o k curvature side,
  let alpha := Dwmgrad.k_alpha k in let mu := Dwmgrad.k_mu k in let eps := Dwmgrad.o_eps o in
  let a := alpha / (2 * (1 + mu)) - eps / curvature in
  let on_cycle x := Dwmgrad.Coord (curvature ^ 2 * a ^ 2) (- (2 * x)) in (* G and V on arrival at x = ± a *)
  0 < alpha -> 0 <= mu < 1 -> 0 <= eps -> 0 < curvature -> 0 < a -> Dwmgrad.k_omega k <> 0 ->
  side = a \/ side = - a ->
  let gradient := curvature * side in
  Dwmgrad.moved o k (on_cycle side) side gradient = - side /\
  Dwmgrad.coord_next o k (on_cycle side) side gradient = on_cycle (- side).

(* ---- The capped window fails (R6) *)
(* On [-1, 1] the loss is C (x + 2) at every k-th step, from the first on, and 2 - x at the others. *)
Definition spiked (kk : nat) (t : nat) : bool := Nat.eqb (t mod kk) 0.
Definition spikes (C : R) (kk : nat) : game := Game
  (fun t x => if spiked kk t then C * (x 0%nat + 2) else 2 - x 0%nat)
  (fun t x i => if spiked kk t then C else -1).
Definition unit_box : nat -> R -> R := boxed (fun _ => -1) (fun _ => 1).
(* The limit of the second moment j steps after a spike, for the cap delta. *)
Definition limit_moment (C : R) (kk : nat) (delta : R) (j : nat) : R :=
  let q := 1 - 1 / delta in let G0 := (q * (1 - q ^ (kk - 1)) + C ^ 2 / delta) / (1 - q ^ kk) in
  q ^ j * G0 + (1 - q ^ j).
(* Without momentum, what the k - 1 steps between two spikes take the iterate up, less what the spike takes it down. *)
Definition drift (C : R) (kk : nat) (delta eps : R) : R :=
  sum (fun j => 1 / (sqrt (limit_moment C kk delta (S j)) + eps)) (kk - 1)
  - C / (sqrt (limit_moment C kk delta 0) + eps).
Definition tends_to (s : nat -> R) (limit : R) : Prop :=
  forall e, 0 < e -> exists N, forall n, (N <= n)%nat -> Rabs (s n - limit) <= e.
(* A positive drift takes the iterate to +1, the worst point, at every momentum; the regret grows linearly. *)
Definition R6_failure : Prop := forall o x1 C kk delta,
  let p := run (Dwmgrad.rule o) unit_box (spikes C kk) x1 in
  window_options o -> step_options o -> momentum_options o -> sqrt_schedule o -> signal_loss o ->
  Dwmgrad.o_delta o = Finite delta -> -1 <= x1 0%nat <= 1 -> (2 <= kk)%nat -> INR kk - 1 < C ->
  0 < drift C kk delta (Dwmgrad.o_eps o) ->
  (exists F N, forall t, (N <= t)%nat -> 1 - F / sqrt (INR (S t)) <= theta (p t) 0%nat) /\
  tends_to (fun t => theta (p t) 0%nat) 1 /\
  tends_to (fun T => regret (Dwmgrad.rule o) unit_box (spikes C kk) x1 (fun _ => -1) T / INR T)
    (2 * (C - INR kk + 1) / INR kk).
(* With a negative drift it goes to -1, the best point, and the average regret to 0: the condition is sharp. *)
Definition R6_converse : Prop := forall o x1 C kk delta,
  let p := run (Dwmgrad.rule o) unit_box (spikes C kk) x1 in
  window_options o -> step_options o -> momentum_options o -> sqrt_schedule o -> signal_loss o ->
  Dwmgrad.o_delta o = Finite delta -> -1 <= x1 0%nat <= 1 -> (2 <= kk)%nat -> INR kk - 1 < C ->
  drift C kk delta (Dwmgrad.o_eps o) < 0 ->
  tends_to (fun t => theta (p t) 0%nat) (-1) /\
  tends_to (fun T => regret (Dwmgrad.rule o) unit_box (spikes C kk) x1 (fun _ => -1) T / INR T) 0.
Definition R6_best_point : Prop := forall C kk T v, (2 <= kk)%nat -> INR kk - 1 < C -> -1 <= v <= 1 ->
  sum (fun t => loss (spikes C kk) t (fun _ => -1)) T <= sum (fun t => loss (spikes C kk) t (fun _ => v)) T.
(* The paper's defaults (delta = 10, eps = 1e-8) with C = k = 7: the average regret tends to 2/7, whatever the momentum. *)
Definition R6_defaults : Prop := forall o x1,
  window_options o -> step_options o -> momentum_options o -> sqrt_schedule o -> signal_loss o ->
  Dwmgrad.o_delta o = Finite 10 -> Dwmgrad.o_eps o = 1 / 10 ^ 8 -> -1 <= x1 0%nat <= 1 ->
  tends_to (fun T => regret (Dwmgrad.rule o) unit_box (spikes 7 7) x1 (fun _ => -1) T / INR T) (2 / 7).
(* No finite cap protects: a sequence of period 3 makes the average regret tend to something positive. *)
Definition R6_every_cap : Prop := forall o x1 delta,
  window_options o -> step_options o -> momentum_options o -> sqrt_schedule o -> signal_loss o ->
  Dwmgrad.o_delta o = Finite delta -> -1 <= x1 0%nat <= 1 ->
  let more := 1 / (6 * delta * (3 + Dwmgrad.o_eps o)) in 0 < more /\
  tends_to (fun T => regret (Dwmgrad.rule o) unit_box (spikes (2 + more) 3) x1 (fun _ => -1) T / INR T) (2 * more / 3).

(* ---- LCAM on quadratics (R9): a common quadratic Lyapunov function, and a word that diverges *)
(* Below this threshold of alpha times the curvature the coefficients mu1 and mu2 share a Lyapunov function. *)
Definition below_threshold (mu1 mu2 a : R) : Prop :=
  0 < a /\ a * (2 - sqrt (2 * (mu1 + mu2))) ^ 2 < 4 * (1 - mu1) * (1 - mu2).
Definition coefficients (mu1 mu2 : R) : Prop := (* the pairs that make the function strict *)
  0 <= mu1 < 1 /\ 0 <= mu2 < 1 /\ sqrt (2 * (mu1 + mu2)) <> 2 * mu1 /\ sqrt (2 * (mu1 + mu2)) <> 2 * mu2.
Definition lyapunov (p n theta move : R) : R := p * theta ^ 2 + 2 * n * theta * move + move ^ 2.
Definition R9_lyapunov : Prop := forall mu1 mu2 a, coefficients mu1 mu2 -> below_threshold mu1 mu2 a ->
  exists p n, n ^ 2 < p /\ forall o k curvature x v,
    let g := curvature * x in let V := Lcam.coord_V o k (Lcam.Coord v) x g in
    0 < Lcam.o_alpha o -> Lcam.o_alpha o * curvature = a -> Lcam.o_weight_decay o = 0 ->
    Lcam.k_mu k = mu1 \/ Lcam.k_mu k = mu2 -> x <> 0 \/ v <> 0 ->
    lyapunov p n (Lcam.moved o k (Lcam.Coord v) x g) (Lcam.o_alpha o * V) < lyapunov p n x (Lcam.o_alpha o * v).
(* So LCAM converges on every quadratic with curvatures below the threshold, whatever its losses and epochs. *)
Definition quadratic (curvature : nat -> R) (value : nat -> point -> R) : game :=
  Game value (fun _ x i => curvature i * x i).
Definition R9_convergence : Prop := forall o curvature value x1 i,
  0 < Lcam.o_alpha o -> Lcam.o_weight_decay o = 0 -> coefficients (Lcam.o_below o) (Lcam.o_above o) ->
  below_threshold (Lcam.o_below o) (Lcam.o_above o) (Lcam.o_alpha o * curvature i) ->
  tends_to (fun t => theta (run (Lcam.rule o) free (quadratic curvature value) x1 t) i) 0.
(* LCAM's own pair 0.9, 0.95: the threshold is above 3.42. *)
Definition R9_published_pair : Prop :=
  coefficients (9 / 10) (95 / 100) /\ below_threshold (9 / 10) (95 / 100) (342 / 100).
(* Free switching diverges where both coefficients are stable: three steps with 0.9 and four with 0.95, for ever,
   at alpha times curvature 3.66107 (each coefficient alone is stable up to 3.8). *)
Fixpoint switched (o : Lcam.options) (mu : nat -> R) (curvature x1 : R) (t : nat) : R * Lcam.coord :=
  match t with
  | O => (x1, Lcam.zero)
  | S n =>
      let (x, c) := switched o mu curvature x1 n in let k := Lcam.Shared 0 0 0 (mu n) 0 in
      (Lcam.moved o k c x (curvature * x), Lcam.coord_next o k c x (curvature * x))
  end.
Definition word (t : nat) : R := if Nat.ltb (t mod 7) 3 then 9 / 10 else 95 / 100.
Definition R9_unstable_word : Prop := forall o,
  Lcam.o_alpha o = 1 -> Lcam.o_weight_decay o = 0 ->
  forall bound, exists t, bound < Rabs (fst (switched o word (366107 / 100000) 1 t)).
(* The printed proof takes 1/(1 - beta1_t) out of a sum of terms of either sign, and bounds what it gets by D² h/(1 - beta1). *)
Definition R8b_refuted : Prop := exists (beta : nat -> R) beta1 (d : nat -> R) T, 0 <= beta1 < 1 /\
  (forall t, 0 <= beta t <= beta1) /\ (forall t, 0 <= d t <= 1) /\
  ~ sum (fun t => (d t - d (S t)) / (1 - beta t)) T <= / (1 - beta1) * sum (fun t => d t - d (S t)) T /\
  ~ sum (fun t => (d t - d (S t)) / (1 - beta t)) T <= / (1 - beta1).

(* ---- Reddi, Kale and Kumar's counterexample to Adam, with the bias correction that runs *)
(* Losses C x, -x, -x, C x ... on [-1, 1]: Adam without momentum is at the worst point at every large gradient. *)
Definition every_third (C : R) : game := Game
  (fun t x => if Nat.eqb (t mod 3) 0 then C * x 0%nat else - x 0%nat)
  (fun t _ _ => if Nat.eqb (t mod 3) 0 then C else -1).
Definition C_reddi : Prop := forall o C x1 j, 2 <= C -> Adam.o_schedule o = Adam.Schedule_sqrt ->
  Adam.o_beta1 o = 0 -> Adam.o_beta2 o = / (1 + C ^ 2) -> Adam.o_eps o = 0 ->
  0 < Adam.o_alpha o < sqrt (1 - Adam.o_beta2 o) -> x1 0%nat = 1 ->
  theta (run (Adam.rule o) unit_box (every_third C) x1 (3 * j)) 0%nat = 1 /\
  INR j * (2 * C - 4) <= regret (Adam.rule o) unit_box (every_third C) x1 (fun _ => -1) (3 * j).

(* ---- The bounds that ship: the very expressions that `Rule.bound` evaluates, in their arguments' order
   D, S, T, G (largest gradient), first and last loss; an argument that a bound does not use is 0 here. *)
Definition shipped_R3 : Prop := forall o d low high f x1 u T,
  window_options o -> step_options o -> sqrt_schedule o -> no_momentum o -> signal_loss o ->
  in_box d low high u -> convex_game o low high f x1 d -> positive_losses low high f d ->
  below_cap o (Dwmgrad.o_omega0 o + INR T) ->
  regret (Dwmgrad.rule o) (boxed low high) f x1 u T <= sum (fun i =>
    Dwmgrad.expanding_bound o (width low high i) (run_size o low high f x1 i T) (INR T) 0 0 0) d.
Definition shipped_R4 : Prop := forall o d f x1 u D n, let T := S n in
  window_options o -> step_options o -> sqrt_schedule o -> signal_loss o -> momentum_options o ->
  Dwmgrad.o_momentum o = Dwmgrad.Momentum_constant -> below_cap o (Dwmgrad.o_omega0 o + INR T) ->
  convex_on everywhere d f -> (forall t x, loss f t x = loss f 0 x) -> (forall t x, 0 < loss f t x) ->
  (forall i, (i < d)%nat -> 0 < Dwmgrad.o_eps o \/ gradient f 0 x1 i <> 0) ->
  (forall i t, (i < d)%nat -> (t < T)%nat -> Rabs (free_mirrored o f x1 i t - u i) <= D i) ->
  regret (Dwmgrad.rule o) free f x1 u T <= sum (fun i =>
    Dwmgrad.momentum_bound o (D i) (free_size o f x1 i T) (INR T) 0 0 0) d
    + Dwmgrad.momentum_gain o 0 0 0 0 (loss f 0 x1) (loss f 0 (theta (run (Dwmgrad.rule o) free f x1 n))).
Definition shipped_adagrad : Prop := forall o low high f x1 u d T (r := Adagrad.rule o),
  0 < Adagrad.o_alpha o -> 0 <= Adagrad.o_eps o -> convex_play low high f x1 u d ->
  (forall i, (i < d)%nat -> 0 < Adagrad.o_eps o \/ gradient f 0 x1 i <> 0) ->
  regret_on_box r low high f x1 u T <= sum (fun i =>
    Adagrad.bound o (width low high i) (size_on_box r low high f x1 T i) (INR T) 0 0 0) d.
Definition largest (low high : point) (f : game) (d : nat) (M : point) : Prop :=
  forall t x i, in_box d low high x -> (i < d)%nat -> Rabs (gradient f t x i) <= M i.
Definition shipped_sgd : Prop := forall o low high f x1 u d T (r := Sgd.rule o),
  0 < Sgd.o_alpha o -> Sgd.o_weight_decay o = 0 -> convex_play low high f x1 u d ->
  let part bound M := sum (fun i => bound o (width low high i) (size_on_box r low high f x1 T i) (INR T) (M i) 0 0) d in
  (Sgd.o_schedule o = Sgd.Schedule_constant ->
    regret_on_box r low high f x1 u T <= part Sgd.constant_bound (fun _ => 0)) /\
  (Sgd.o_schedule o = Sgd.Schedule_sqrt -> regret_on_box r low high f x1 u T <= part Sgd.sqrt_bound (fun _ => 0)) /\
  (Sgd.o_schedule o = Sgd.Schedule_sqrt -> forall M, largest low high f d M ->
    regret_on_box r low high f x1 u T <= part Sgd.sharper_sqrt_bound M).
Definition shipped_amsgrad : Prop := forall o low high f x1 u d T (r := Amsgrad.rule o),
  0 < Amsgrad.o_alpha o -> 0 <= Amsgrad.o_eps o -> adam_rates (Amsgrad.o_beta1 o) (Amsgrad.o_beta2 o) ->
  Amsgrad.o_beta1 o ^ 2 < Amsgrad.o_beta2 o ->
  Amsgrad.o_schedule o = Amsgrad.Schedule_sqrt -> Amsgrad.o_bias_correction o = false ->
  convex_play low high f x1 u d -> (forall i, (i < d)%nat -> 0 < Amsgrad.o_eps o \/ gradient f 0 x1 i <> 0) ->
  let part bound M := sum (fun i => bound o (width low high i) (size_on_box r low high f x1 T i) (INR T) (M i) 0 0) d in
  regret_on_box r low high f x1 u T <= part Amsgrad.bound (fun _ => 0) /\
  forall M, largest low high f d M -> regret_on_box r low high f x1 u T <= part Amsgrad.sharper_bound M.
