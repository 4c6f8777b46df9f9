(* Proofs of R4 and R7: constant momentum. *)
From Coq Require Import Reals Lra Lia Psatz.
From Kernel Require Import Model Generated Base Statements Runs Window Regret.
Open Scope R_scope.

Theorem R7_cycle_proof : R7_cycle.
Proof.
  intros o k cu x alpha mu eps a on_cycle A M E C P W S g.
  assert (Q : cu * a + eps = alpha * cu / (2 * (1 + mu))) by (unfold a; field; lra).
  assert (GG : Dwmgrad.coord_G o k (on_cycle x) x g = (cu * a) * (cu * a)).
  { unfold Dwmgrad.coord_G, on_cycle, g. simpl. destruct S as [-> | ->]; field; exact W. }
  assert (VV : Dwmgrad.coord_V o k (on_cycle x) x g = 2 * x).
  { unfold Dwmgrad.coord_V. rewrite GG, sqrt_square by nra. fold alpha mu eps. rewrite Q.
    unfold g, on_cycle. simpl. field. repeat split; lra. }
  split.
  - unfold Dwmgrad.moved. rewrite VV. ring.
  - unfold Dwmgrad.coord_next. rewrite VV, GG. unfold on_cycle. f_equal; ring.
Qed.

(* ---- R4 *)
Lemma constant_momentum o l t : Dwmgrad.o_momentum o = Dwmgrad.Momentum_constant ->
  momentum o l (S t) = Dwmgrad.o_gamma o.
Proof. intros E. rewrite momentum_form, E. reflexivity. Qed.

(* By convexity the velocity's part of the sum telescopes: sum g_t . V_{t-1} <= f(theta_1) - f(theta_T). *)
Lemma velocity_telescopes o d f x1 n (r := Dwmgrad.rule o) :
  convex_on everywhere d f -> (forall t x, loss f t x = loss f 0 x) ->
  sum (fun t => sum (fun i => gradients r free f x1 i t
    * velocity o (losses r free f x1) (iterates r free f x1 i) (gradients r free f x1 i) t) d) (S n)
    <= loss f 0 x1 - loss f 0 (theta (run r free f x1 n)).
Proof.
  intros Co Fix. induction n as [|n IH].
  - rewrite sum_S. simpl sum at 1. apply Rle_trans with 0; [|simpl; lra].
    rewrite (sum_ext _ (fun i => 0 * 0)); [rewrite sum_scal; lra|]. intros i _. unfold velocity. simpl. ring.
  - rewrite sum_S. pose proof (Co (S n) (theta (run r free f x1 (S n))) (theta (run r free f x1 n)) I I) as Q.
    rewrite !(Fix (S n)) in Q.
    enough (E : forall i, gradients r free f x1 i (S n) * velocity o (losses r free f x1) (iterates r free f x1 i)
      (gradients r free f x1 i) (S n) = - (gradient f (S n) (theta (run r free f x1 (S n))) i *
      (theta (run r free f x1 (S n)) i - theta (run r free f x1 n) i))).
    { rewrite (sum_ext (fun i => gradients r free f x1 i (S n) * _) (fun i => -1 *
        (gradient f (S n) (theta (run r free f x1 (S n))) i * (theta (run r free f x1 (S n)) i - theta (run r free f x1 n) i))))
        by (intros; rewrite E; ring).
      rewrite sum_scal. lra. }
    intros i. assert (Th : theta (run r free f x1 (S n)) i = theta (run r free f x1 n) i
      - velocity o (losses r free f x1) (iterates r free f x1 i) (gradients r free f x1 i) (S n))
      by apply (dwmgrad_theta o free f x1 i n).
    set (v := velocity _ _ _ _ _) in *. unfold gradients. rewrite Th. ring.
Qed.

Section Mirror.
Variables (o : Dwmgrad.options) (f : game) (x1 : point) (i : nat).
Notation r := (Dwmgrad.rule o).
Let l := losses r free f x1.
Let x := iterates r free f x1 i.
Let g := gradients r free f x1 i.
Let mu := Dwmgrad.o_gamma o.
Hypothesis (Mo : Dwmgrad.o_momentum o = Dwmgrad.Momentum_constant) (B : 0 <= mu < 1) (St : step_options o).
Let V t := velocity o l x g t.
Let z t := x t - mu / (1 - mu) * V t.
Let h t := preconditioner o l x g t.
(* The mirrored iterate moves by g/((1 - mu) h). *)
Lemma mirror_moves t : 0 < h t -> (1 - mu) * h t * (z t - z (S t)) = g t.
Proof.
  intros P. assert (X : x (S t) = x t - V (S t)) by apply (dwmgrad_theta o free f x1 i t).
  assert (VS : V (S t) = mu * V t + g t / h t).
  { unfold V. rewrite velocity_step, (constant_momentum o l t Mo). fold mu. f_equal.
    unfold h in *. rewrite preconditioner_form in *. pose proof (step_size_range o l t St).
    set (b := sqrt (moment o l x g (S t)) + Dwmgrad.o_eps o) in *.
    assert (b <> 0) by (intros Z; rewrite Z, div_zero_left in P; lra). field. split; lra. }
  unfold z. rewrite X, VS. field. lra.
Qed.
Lemma momentum_potential u D T : (forall t, (t < T)%nat -> 0 < h t) ->
  (forall t, (S t < T)%nat -> h t <= h (S t)) -> (forall t, (t < T)%nat -> Rabs (z t - u) <= D) ->
  sum (fun t => g t * (x t - u)) T <= (1 - mu) * D ^ 2 / 2 * previous h T
    + / (1 - mu) * sum (fun t => g t ^ 2 / (2 * h t)) T + mu / (1 - mu) * sum (fun t => g t * V t) T.
Proof.
  intros P M N. set (H t := (1 - mu) * h t).
  assert (GH : forall t, (t < T)%nat -> H t * (z t - z (S t)) = g t) by (intros t L; apply mirror_moves, P, L).
  assert (HP : forall t, (t < T)%nat -> 0 < H t) by (intros t L; specialize (P t L); unfold H; nra).
  pose proof (potential H z (fun t => z (S t)) g x u D T (fun t L => Rlt_le _ _ (HP t L)) N
    (fun t L => Rle_refl _)) as Q. cbv zeta in Q.
  rewrite variation_monotone in Q.
  - assert (E : previous H T = (1 - mu) * previous h T) by (destruct T; simpl; unfold H; ring). rewrite E in Q.
    rewrite (sum_ext (fun t => H t * (z t - z (S t)) * (z t - z (S t)) / 2) (fun t => / (1 - mu) * (g t ^ 2 / (2 * h t)))) in Q.
    + rewrite (sum_ext (fun t => Rabs (g t - H t * (z t - z (S t)))) (fun _ => 0 * 0)) in Q.
      * rewrite (sum_ext (fun t => g t * (x t - z t)) (fun t => mu / (1 - mu) * (g t * V t))) in Q.
        -- rewrite !sum_scal in Q. lra.
        -- intros t _. unfold z. ring.
      * intros t L. rewrite GH by exact L. unfold Rminus. rewrite Rplus_opp_r, Rabs_R0. ring.
    + intros t L. pose proof (GH t L) as G1. specialize (HP t L). specialize (P t L).
      assert (zz : z t - z (S t) = g t / H t) by (rewrite <- G1; field; lra). rewrite G1, zz. unfold H. field. lra.
  - intros t L. specialize (M t L). unfold H. nra.
  - intros L. left. apply HP, L.
Qed.
End Mirror.

Theorem R4_constant_momentum_proof : R4_constant_momentum.
Proof.
  intros o d f x1 u D n mu alpha T last V St Sc Si B Mo Cap Co Fix Po Mv N.
  set (r := Dwmgrad.rule o). set (l := losses r free f x1). assert (Z : 0 <= Dwmgrad.o_omega0 o) by apply V.
  eapply Rle_trans.
  { apply (regret_by_coordinates r free f x1 d everywhere); [exact Co | exact I | intros; exact I]. }
  pose proof (velocity_telescopes o d f x1 n Co Fix) as VT. fold r T last in VT. rewrite sum_swap in VT.
  apply (Rmult_le_compat_l (mu / (1 - mu))) in VT; [|apply div_nonneg; destruct B; unfold mu; lra].
  eapply Rle_trans; [|apply Rplus_le_compat_l, VT]. rewrite <- sum_scal, <- sum_plus. apply sum_le. intros i I'.
  set (x := iterates r free f x1 i). set (g := gradients r free f x1 i). set (C := sqrt (1 + Dwmgrad.o_omega0 o)).
  assert (C0 : 0 <= C) by apply sqrt_pos. assert (Pl : positive l) by (intro; apply Po).
  assert (W : forall s, (s <= T)%nat -> window o l s = Dwmgrad.o_omega0 o + INR s).
  { intros s. apply window_expanding; assumption. }
  assert (K : forall t, (t < T)%nat ->
    INR (S t) <= window o l (S t) <= C ^ 2 * INR (S t) * leak (window o l) t).
  { intros t L. rewrite (leak_expanding _ _ t T Z W L), W by lia. unfold C.
    rewrite <- Rsqr_pow2, Rsqr_sqrt by lra. pose proof (INR_S_ge1 t). nra. }
  pose proof (second_sum o l x g C T V St Sc C0 K (Mv i I')) as S2.
  pose proof (h_last o l x g C T V St Sc K) as HL.
  eapply Rle_trans.
  { apply (momentum_potential o f x1 i Mo B St (u i) (D i) T).
    - intros t L. apply (h_positive o l x g C T); try assumption. apply Mv, I'.
    - intros t L. apply (h_monotone o l x g C T); assumption.
    - intros t L. pose proof (N i t I' L) as Q. unfold free_mirrored in Q. rewrite run_coord in Q. exact Q. }
  fold r l x g mu. set (h := preconditioner o l x g) in *.
  apply Rplus_le_compat_r. destruct St as [A E]. fold alpha in A, S2, HL. destruct B as [B0 B1]. fold mu in B0, B1.
  change (free_size o f x1 i T) with (size g T). set (s := size g T) in *.
  assert (I1 : 0 < / (1 - mu)) by (apply Rinv_0_lt_compat; lra).
  assert (previous h T <= (s + Dwmgrad.o_eps o * sqrt (INR T)) / alpha) by (apply le_div_of; lra).
  apply (Rmult_le_compat_l (/ (1 - mu))) in S2; [|lra].
  apply Rle_trans with ((1 - mu) * D i ^ 2 / 2 * ((s + Dwmgrad.o_eps o * sqrt (INR T)) / alpha)
    + / (1 - mu) * (alpha * C * s)); [|right; field; lra].
  apply Rplus_le_compat; [|exact S2]. apply Rmult_le_compat_l; [|assumption].
  pose proof (pow2_ge_0 (D i)). unfold Rdiv. nra.
Qed.
