(* What a run is: a rule, a game that answers with losses and gradients, and the driver that alternates them.
   Steps are numbered from 0: step t here is step t + 1 of the papers, and run t is the state after t steps. *)
From Coq Require Import Reals.
Open Scope R_scope.

(* ops.where(ops.greater(a, b), x, y) *)
Definition if_greater (a b x y : R) : R := if Rlt_dec b a then x else y.

(* An option that may be infinite: the window's cap, the length of an epoch. *)
Inductive extended := Finite (x : R) | Infinite.

Definition point := nat -> R. (* coordinates 0 .. d-1 count *)

Fixpoint sum (f : nat -> R) (n : nat) : R := match n with O => 0 | S m => sum f m + f m end.
Fixpoint prod (f : nat -> R) (n : nat) : R := match n with O => 1 | S m => prod f m * f m end.

(* An optimizer with its options: what the coordinates share, what one coordinate remembers, and their formulas. *)
Record rule := Rule {
  shared : Type;
  coord : Type;
  start : shared;
  next : shared -> R -> shared;                (* from the loss *)
  zero : coord;
  after : shared -> coord -> R -> R -> coord;  (* from iterate and gradient *)
  moved : shared -> coord -> R -> R -> R;      (* the next iterate, before the projection *)
  h : shared -> coord -> R;                    (* the potential: h, 1 - momentum, shift of the mirrored iterate *)
  damp : shared -> coord -> R;
  shift : shared -> coord -> R }.

(* The adversary: f_t and a subgradient, both functions of the iterate. *)
Record game := Game { loss : nat -> point -> R; gradient : nat -> point -> point }.

Record state (r : rule) := State { k : shared r; c : nat -> coord r; theta : point }.
Arguments State {r}. Arguments k {r}. Arguments c {r}. Arguments theta {r}.

(* The driver: loss and gradient at the iterate, the shared part, every coordinate, the projection. *)
Fixpoint run (r : rule) (project : nat -> R -> R) (f : game) (x1 : point) (t : nat) : state r :=
  match t with
  | O => State (start r) (fun _ => zero r) x1
  | S n =>
      let s := run r project f x1 n in
      let g := gradient f n (theta s) in
      let k' := next r (k s) (loss f n (theta s)) in
      State k' (fun i => after r k' (c s i) (theta s i) (g i))
        (fun i => project i (moved r k' (c s i) (theta s i) (g i)))
  end.

Definition free (i : nat) (x : R) : R := x. (* no projection *)

(* The shared part alone, driven by given losses; one coordinate alone, with given iterates and gradients too. *)
Fixpoint shared_after (r : rule) (l : nat -> R) (t : nat) : shared r :=
  match t with O => start r | S n => next r (shared_after r l n) (l n) end.
Fixpoint coord_after (r : rule) (l x g : nat -> R) (t : nat) : coord r :=
  match t with O => zero r | S n => after r (shared_after r l (S n)) (coord_after r l x g n) (x n) (g n) end.

(* Regret after T steps against u, and convex losses by their subgradient inequality on a domain. *)
Definition regret (r : rule) project f x1 (u : point) (T : nat) : R :=
  sum (fun t => loss f t (theta (run r project f x1 t)) - loss f t u) T.
Definition convex_on (domain : point -> Prop) (d : nat) (f : game) : Prop :=
  forall t x u, domain x -> domain u ->
    loss f t x - loss f t u <= sum (fun i => gradient f t x i * (x i - u i)) d.
Definition everywhere (x : point) : Prop := True.
Definition in_box (d : nat) (low high x : point) : Prop := forall i, (i < d)%nat -> low i <= x i <= high i.

(* The losses of a run, and coordinate i's iterates and gradients; the root of the sum of their squares. *)
Definition losses (r : rule) project f x1 (t : nat) : R := loss f t (theta (run r project f x1 t)).
Definition iterates (r : rule) project f x1 (i t : nat) : R := theta (run r project f x1 t) i.
Definition gradients (r : rule) project f x1 (i t : nat) : R := gradient f t (theta (run r project f x1 t)) i.
Definition size (g : nat -> R) (T : nat) : R := sqrt (sum (fun t => g t * g t) T).
