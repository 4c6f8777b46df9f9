(* A run seen by its parts: the shared state under the run's losses, one coordinate under its iterates and gradients. *)
From Coq Require Import Reals Lra Lia Psatz.
From Kernel Require Import Model Generated Base Statements.
Open Scope R_scope.

Section Run.
Variables (r : rule) (project : nat -> R -> R) (f : game) (x1 : point).
Notation losses := (losses r project f x1).
Notation iterates := (iterates r project f x1).
Notation grads := (gradients r project f x1).

Lemma run_shared t : k (run r project f x1 t) = shared_after r losses t.
Proof. induction t as [|t IH]; [reflexivity|]. simpl. rewrite IH. reflexivity. Qed.
Lemma run_coord i t : c (run r project f x1 t) i = coord_after r losses (iterates i) (grads i) t.
Proof. induction t as [|t IH]; [reflexivity|]. simpl. rewrite run_shared, IH. reflexivity. Qed.
Lemma run_theta i t : iterates i (S t) = project i
  (moved r (shared_after r losses (S t)) (coord_after r losses (iterates i) (grads i) t) (iterates i t) (grads i t)).
Proof. rewrite <- run_coord. simpl. rewrite <- run_shared. reflexivity. Qed.

(* The subgradient inequality turns regret into sums over single coordinates. *)
Lemma regret_by_coordinates d domain u T : convex_on domain d f -> domain u ->
  (forall t, (t < T)%nat -> domain (theta (run r project f x1 t))) ->
  regret r project f x1 u T <= sum (fun i => sum (fun t => grads i t * (iterates i t - u i)) T) d.
Proof.
  intros Co Du Dx. unfold regret. rewrite <- sum_swap. apply sum_le. intros t H. apply Co; [apply Dx, H | exact Du].
Qed.
End Run.

Lemma run_in_box r d low high f x1 t : in_box d low high x1 ->
  in_box d low high (theta (run r (boxed low high) f x1 t)).
Proof.
  intros H. destruct t as [|t]; [exact H|]. intros i I. simpl. apply clip_in. specialize (H i I). lra.
Qed.

(* ---- What the options of DWMGrad mean along a run *)
Section Dwmgrad.
Import Dwmgrad.
Variables (o : options) (l : nat -> R).
Lemma dwmgrad_time t : k_t (shared_after (rule o) l t) = INR t.
Proof.
  induction t as [|t IH]; [reflexivity|].
  change (next_t o (shared_after (rule o) l t) (l t) = INR (S t)). unfold next_t. rewrite IH, S_INR. reflexivity.
Qed.
Lemma dwmgrad_scale t : o_guard o = false -> k_scale (shared_after (rule o) l t) = 1.
Proof.
  intros E. induction t as [|t IH]; [reflexivity|].
  change (next_scale o (shared_after (rule o) l t) (l t) = 1). unfold next_scale. rewrite E. exact IH.
Qed.
Lemma dwmgrad_step_size_sqrt t : sqrt_schedule o -> step_size o l (S t) = o_alpha o / sqrt (INR (S t)).
Proof.
  intros [Sc Gu]. change (next_alpha o (shared_after (rule o) l t) (l t) = o_alpha o / sqrt (INR (S t))).
  unfold next_alpha, next_t. rewrite Sc, Gu, dwmgrad_scale, dwmgrad_time, S_INR by assumption. rewrite Rmult_1_r.
  reflexivity.
Qed.
Lemma dwmgrad_step_size_constant t : constant_schedule o -> step_size o l (S t) = o_alpha o.
Proof.
  intros [Sc Gu]. change (next_alpha o (shared_after (rule o) l t) (l t) = o_alpha o).
  unfold next_alpha. rewrite Sc, Gu, dwmgrad_scale by assumption. ring.
Qed.
Lemma dwmgrad_no_momentum t : no_momentum o -> momentum o l (S t) = 0.
Proof.
  intros N. change (next_mu o (shared_after (rule o) l t) (l t) = 0). unfold next_mu.
  destruct N as [N|[N M]]; [rewrite N|rewrite N, M; reflexivity].
  destruct (o_delta o), (o_momentum o); unfold Rdiv; ring.
Qed.
Lemma velocity_step x g t : velocity o l x g (S t) = momentum o l (S t) * velocity o l x g t
  + step_size o l (S t) * g t / (sqrt (moment o l x g (S t)) + o_eps o).
Proof. reflexivity. Qed.
End Dwmgrad.

Lemma dwmgrad_theta o project f x1 i t (r := Dwmgrad.rule o) :
  iterates r project f x1 i (S t) = project i (iterates r project f x1 i t
    - velocity o (losses r project f x1) (iterates r project f x1 i) (gradients r project f x1 i) (S t)).
Proof. unfold r. rewrite run_theta. reflexivity. Qed.

Lemma adagrad_moment a l x g t : Adagrad.c_G (coord_after (Adagrad.rule a) l x g t) = sum (fun s => g s * g s) t.
Proof. induction t as [|t IH]; [reflexivity|]. rewrite sum_S, <- IH. reflexivity. Qed.
Lemma adagrad_theta a project f x1 i t (r := Adagrad.rule a) (g := gradients r project f x1 i) :
  iterates r project f x1 i (S t) = project i (iterates r project f x1 i t
    - Adagrad.o_alpha a * g t / (sqrt (sum (fun s => g s * g s) (S t)) + Adagrad.o_eps a)).
Proof. rewrite sum_S. unfold g, r. rewrite run_theta. rewrite <- adagrad_moment with (a := a)
  (l := losses (Adagrad.rule a) project f x1) (x := iterates (Adagrad.rule a) project f x1 i). reflexivity. Qed.
