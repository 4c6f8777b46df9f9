(* What is proved about rounding. The formula is Rounded.v's: DWMGrad's step with every operation's result rounded.
   Gradients and losses are what the rule is handed; how they were computed is not asked. Overflow and underflow are left
   out: the relative error of every operation is at most u, as in floats whose exponent has no limits. *)
From Coq Require Import Reals.
From Flocq Require Import Core.
From Kernel Require Import Model Generated Statements Rounded.
Open Scope R_scope.

(* Arithmetic with a relative error of at most u in every operation, exact on the whole numbers up to N. *)
Definition rounds (rnd : R -> R) (u : R) (N : nat) : Prop :=
  (forall x, Rabs (rnd x - x) <= u * Rabs x) /\ forall n, (n <= N)%nat -> rnd (INR n) = INR n.

Section Float.
Variables (rnd : R -> R) (u : R) (o : Dwmgrad.options) (low high : point) (f : game) (x1 : point).
Definition float_rule : rule := RoundedDwmgrad.rule rnd o.
Definition float_iterate (i t : nat) : R := iterates float_rule (boxed low high) f x1 i t.
Definition float_gradient (i t : nat) : R := gradients float_rule (boxed low high) f x1 i t.
(* The options of R3 with a whole omega_0 = n; no more than about 1/(10 u) steps. *)
Definition whole_options (n T : nat) : Prop :=
  window_options o /\ step_options o /\ sqrt_schedule o /\ no_momentum o /\ signal_loss o /\
  Dwmgrad.o_omega0 o = INR n /\ below_cap o (INR n + INR T).
Definition float_options (n T : nat) : Prop :=
  whole_options n T /\ 0 <= u /\ (5 * INR T + 8) * u <= 1 / 2 /\ rounds rnd u (n + T).
(* What rounding adds up to in t of T steps, on a coordinate whose box lies in [-B, B]. *)
Definition rounding (B : R) (t T : nat) : R :=
  INR t * u * (B + (10 * INR T + 18) * (Dwmgrad.o_alpha o * sqrt (1 + Dwmgrad.o_omega0 o))).
Definition within (B : point) (d : nat) : Prop := forall i, (i < d)%nat -> - B i <= low i /\ high i <= B i.
End Float.

(* The run in floats against the run in exact arithmetic of any game E that answers with the same gradients (of f itself
   if f is linear). *)
Definition F_iterates : Prop := forall rnd u o low high f x1 d T n B E,
  float_options rnd u o n T -> in_box d low high x1 -> within low high B d ->
  (forall i, (i < d)%nat -> 0 < Dwmgrad.o_eps o \/ gradient f 0 x1 i <> 0) ->
  positive_losses low high f d -> positive_losses low high E d ->
  (forall i t, (i < d)%nat -> (t < T)%nat ->
    gradients (Dwmgrad.rule o) (boxed low high) E x1 i t = float_gradient rnd o low high f x1 i t) ->
  forall i t, (i < d)%nat -> (t <= T)%nat ->
    Rabs (float_iterate rnd o low high f x1 i t - iterates (Dwmgrad.rule o) (boxed low high) E x1 i t)
      <= rounding u o (B i) t T.
(* R3 of the run in floats, for all convex losses: the bound of the exact run, and what rounding adds. *)
Definition F_regret : Prop := forall rnd u o low high f x1 v d T n B,
  float_options rnd u o n T -> convex_game o low high f x1 d -> in_box d low high v -> within low high B d ->
  positive_losses low high f d ->
  regret (float_rule rnd o) (boxed low high) f x1 v T <= sum (fun i => let g := float_gradient rnd o low high f x1 i in
    (width low high i ^ 2 / (2 * Dwmgrad.o_alpha o) + Dwmgrad.o_alpha o * sqrt (1 + Dwmgrad.o_omega0 o)) * size g T
    + width low high i ^ 2 * Dwmgrad.o_eps o * sqrt (INR T) / (2 * Dwmgrad.o_alpha o)
    + rounding u o (B i) T T * sum (fun t => Rabs (g t)) T) d.

(* Python's floats: rounding to nearest with 53 binary digits, ties to even. Here the exponent has no limits; the limits of
   binary64 change nothing about results that are 0 or at least 2^-1022, and a result is finite below 2^1024. *)
Definition nearest (x : R) : R := round radix2 (FLX_exp 53) ZnearestE x.
Definition nearest_binary64 (x : R) : R := round radix2 (FLT_exp (-1074) 53) ZnearestE x.
Definition F_rounds : Prop := forall N, INR N <= 2 ^ 53 -> rounds nearest (/ 2 ^ 53) N.
Definition F_no_underflow : Prop := forall x, x = 0 \/ / 2 ^ 1022 <= Rabs x -> nearest_binary64 x = nearest x.
(* With numbers: up to T = 1000 steps on a box in [-D, D] with alpha sqrt(1 + omega_0) <= D and |g| <= G, the run in floats
   stays within 1.2e-9 D of the exact one, and its regret within 1.2e-6 D G a coordinate of R3's bound. *)
Definition F_thousand : Prop := forall o low high f x1 v d T n D G,
  whole_options o n T -> convex_game o low high f x1 d -> in_box d low high v ->
  within low high (fun _ => D) d -> positive_losses low high f d ->
  (T <= 1000)%nat -> INR n <= 10 ^ 15 -> 0 <= D -> 0 <= G ->
  Dwmgrad.o_alpha o * sqrt (1 + Dwmgrad.o_omega0 o) <= D ->
  (forall t x i, in_box d low high x -> (i < d)%nat -> Rabs (gradient f t x i) <= G) ->
  (forall E, positive_losses low high E d ->
    (forall i t, (i < d)%nat -> (t < T)%nat ->
      gradients (Dwmgrad.rule o) (boxed low high) E x1 i t = float_gradient nearest o low high f x1 i t) ->
    forall i t, (i < d)%nat -> (t <= T)%nat ->
      Rabs (float_iterate nearest o low high f x1 i t - iterates (Dwmgrad.rule o) (boxed low high) E x1 i t)
        <= 12 / 10 ^ 10 * D) /\
  regret (float_rule nearest o) (boxed low high) f x1 v T <= sum (fun i =>
    (width low high i ^ 2 / (2 * Dwmgrad.o_alpha o) + Dwmgrad.o_alpha o * sqrt (1 + Dwmgrad.o_omega0 o))
      * size (float_gradient nearest o low high f x1 i) T
    + width low high i ^ 2 * Dwmgrad.o_eps o * sqrt (INR T) / (2 * Dwmgrad.o_alpha o)
    + 12 / 10 ^ 7 * (D * G)) d.
