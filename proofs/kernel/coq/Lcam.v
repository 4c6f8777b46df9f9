(* Proofs about LCAM on quadratics: a common quadratic Lyapunov function below the threshold, convergence. *)
From Coq Require Import Reals Lra Lia Psatz.
From Kernel Require Import Model Generated Base Statements Runs Window Regret Limits.
Open Scope R_scope.

(* One step on (theta, w), w = alpha V: w' = mu w + a theta, theta' = theta - w'. *)
Definition next_move (mu a x w : R) : R := mu * w + a * x.

(* A positive definite form is at least det/trace times the square of the length. *)
Lemma form_below d11 d12 d22 x w : 0 < d11 -> 0 < d11 * d22 - d12 ^ 2 ->
  (d11 * d22 - d12 ^ 2) / (d11 + d22) * (x ^ 2 + w ^ 2) <= d11 * x ^ 2 + 2 * d12 * x * w + d22 * w ^ 2.
Proof.
  intros P D. assert (0 < d22) by nra. set (det := d11 * d22 - d12 ^ 2) in *.
  apply (Rmult_le_reg_l (d11 + d22)); [lra|].
  replace ((d11 + d22) * (det / (d11 + d22) * (x ^ 2 + w ^ 2))) with (det * (x ^ 2 + w ^ 2)) by (field; lra).
  assert (0 <= (d11 * x + d12 * w) ^ 2 + (d12 * x + d22 * w) ^ 2) by (pose proof (pow2_ge_0 (d11 * x + d12 * w));
    pose proof (pow2_ge_0 (d12 * x + d22 * w)); lra). unfold det. nra.
Qed.

(* The Lyapunov function of the pair, and what a step with coefficient mu takes from it: e11 x² + 2 e12 x w + e22 w². *)
Definition pair_gap (m1 m2 : R) : R := m1 * (1 - m2) + m2 * (1 - m1).
Definition pair_p (m1 m2 a : R) : R := a * (2 - (m1 + m2)) / pair_gap m1 m2.
Definition pair_n (m1 m2 a : R) : R := a * (sqrt (2 * (m1 + m2)) - (m1 + m2)) / pair_gap m1 m2.
Section Decrease.
Variables (p n mu a : R).
Definition e11 : R := p - (p * (1 - a) ^ 2 + 2 * n * (1 - a) * a + a ^ 2).
Definition e12 : R := n - (- p * (1 - a) * mu + n * ((1 - a) * mu - a * mu) + a * mu).
Definition e22 : R := 1 - (p - 2 * n + 1) * mu ^ 2.
Lemma decrease x w : lyapunov p n x w - lyapunov p n (x - next_move mu a x w) (next_move mu a x w)
  = e11 * x ^ 2 + 2 * e12 * x * w + e22 * w ^ 2.
Proof. unfold lyapunov, next_move, e11, e12, e22. ring. Qed.
End Decrease.

(* Both in closed form, where r² = 2 (mu1 + mu2): the threshold is where the determinant vanishes. *)
Lemma closed_forms m1 r a (m2 := r * r / 2 - m1) (g := pair_gap m1 m2) :
  let p := a * (2 - (m1 + m2)) / g in let n := a * (r - (m1 + m2)) / g in
  let rest := 4 * (1 - m1) * (1 - m2) - a * (2 - r) ^ 2 in g <> 0 ->
  e11 p n a = a ^ 2 * (rest + (2 - r) ^ 2) / (2 * g) /\
  e11 p n a * e22 p n m1 - e12 p n m1 a ^ 2 = a ^ 2 * (r - 2 * m1) ^ 2 * rest / (4 * g ^ 2) /\
  p - n ^ 2 = a * ((2 - (m1 + m2)) * g - a * (r - (m1 + m2)) ^ 2) / g ^ 2.
Proof.
  intros p n rest G. unfold e11, e12, e22, p, n, rest. unfold g, m2, pair_gap in *.
  repeat split; field; intros Z; apply G; lra.
Qed.

Section Pair.
Variables (m1 m2 a : R).
Let r := sqrt (2 * (m1 + m2)).
Let g := pair_gap m1 m2.
Let p := pair_p m1 m2 a.
Let n := pair_n m1 m2 a.
Hypothesis (Co : coefficients m1 m2) (Th : below_threshold m1 m2 a).
Lemma root_square : r * r = 2 * (m1 + m2).
Proof. destruct Co as (A & B & _). apply sqrt_sqrt. lra. Qed.
Lemma gap_positive : 0 < g.
Proof.
  destruct Co as (A & B & C & _). unfold g, pair_gap. destruct (Req_dec m1 0) as [Z|Z].
  - destruct (Req_dec m2 0) as [Z'|Z']; [|nra].
    exfalso. apply C. rewrite Z, Z', Rplus_0_r, Rmult_0_r, sqrt_0. ring.
  - assert (0 < m1 * (1 - m2)) by nra. assert (0 <= m2 * (1 - m1)) by nra. lra.
Qed.
Lemma function_positive : n ^ 2 < p.
Proof.
  pose proof gap_positive as G. pose proof root_square as R2. destruct Th as [A T]. fold r in T. destruct Co as (B1 & B2 & _).
  assert (E : m2 = r * r / 2 - m1) by lra. destruct (closed_forms m1 r a) as (_ & _ & Q).
  - rewrite <- E. fold g. lra.
  - rewrite <- E in Q. fold g in Q. enough (0 < p - n ^ 2) by lra. unfold p, n, pair_p, pair_n. fold g r. rewrite Q.
    apply Rdiv_lt_0_compat; [|nra]. apply Rmult_lt_0_compat; [exact A|].
    assert (H : a * (r - (m1 + m2)) ^ 2 = a * (2 - r) ^ 2 * (m1 + m2) / 2).
    { replace (m1 + m2) with (r * r / 2) by lra. field. }
    assert (S0 : 0 <= m1 + m2) by lra. rewrite H.
    assert (a * (2 - r) ^ 2 * (m1 + m2) / 2 <= (2 - (m1 + m2) - g) * (m1 + m2)).
    { unfold g, pair_gap. nra. }
    assert (P : 0 < m1 + m2).
    { destruct (Rle_lt_or_eq_dec _ _ S0) as [L|Z]; [exact L|]. exfalso. unfold g, pair_gap in G.
      assert (Z1 : m1 = 0) by lra. assert (Z2 : m2 = 0) by lra. rewrite Z1, Z2 in G. lra. }
    assert (0 <= (m1 - m2) ^ 2) by apply pow2_ge_0.
    assert (a * (2 - r) ^ 2 * (m1 + m2) / 2 < (2 - (m1 + m2) - g) * (m1 + m2)).
    { unfold g, pair_gap. assert (a * (2 - r) ^ 2 * (m1 + m2) < 4 * (1 - m1) * (1 - m2) * (m1 + m2))
        by (apply Rmult_lt_compat_r; assumption). nra. }
    unfold g, pair_gap in *. nra.
Qed.
(* Both coefficients: the pair is symmetric. *)
Lemma decrease_positive mu : mu = m1 \/ mu = m2 ->
  0 < e11 p n a /\ 0 < e11 p n a * e22 p n mu - e12 p n mu a ^ 2.
Proof.
  intros M. pose proof gap_positive as G. pose proof root_square as R2. destruct Th as [A T]. fold r in T.
  destruct Co as (B1 & B2 & N1 & N2). fold r in N1, N2.
  assert (Sq : forall y, y <> 0 -> 0 < y ^ 2) by (intros; rewrite <- Rsqr_pow2; apply Rsqr_pos_lt; assumption).
  destruct M as [-> | ->].
  - assert (E : m2 = r * r / 2 - m1) by lra. pose proof (closed_forms m1 r a) as Q.
    cbv zeta in Q. rewrite <- E in Q. fold g in Q. destruct (Q ltac:(lra)) as (Q1 & Q2 & _). unfold p, n, pair_p, pair_n. fold g r. rewrite Q2. split.
    + rewrite Q1. apply Rdiv_lt_0_compat; [|lra]. apply Rmult_lt_0_compat; [apply Sq; lra|].
      pose proof (pow2_ge_0 (2 - r)). lra.
    + apply Rdiv_lt_0_compat; [|specialize (Sq g); lra].
      apply Rmult_lt_0_compat; [apply Rmult_lt_0_compat; apply Sq|]; lra.
  - assert (E : m1 = r * r / 2 - m2) by lra.
    assert (Gs : pair_gap m2 m1 = g) by (unfold g, pair_gap; ring).
    pose proof (closed_forms m2 r a) as Q. cbv zeta in Q. rewrite <- E, Gs in Q.
    destruct (Q ltac:(lra)) as (Q1 & Q2 & _). rewrite (Rplus_comm m2 m1) in Q1, Q2. unfold p, n, pair_p, pair_n. fold g r. rewrite Q2. split.
    + rewrite Q1. apply Rdiv_lt_0_compat; [|lra]. apply Rmult_lt_0_compat; [apply Sq; lra|].
      pose proof (pow2_ge_0 (2 - r)). lra.
    + apply Rdiv_lt_0_compat; [|specialize (Sq g); lra].
      apply Rmult_lt_0_compat; [apply Rmult_lt_0_compat; apply Sq|]; lra.
Qed.
End Pair.

(* The formula that runs, on (theta, w = alpha V). *)
Lemma lcam_step o k curvature x v : Lcam.o_weight_decay o = 0 ->
  let a := Lcam.o_alpha o * curvature in
  Lcam.o_alpha o * Lcam.coord_V o k (Lcam.Coord v) x (curvature * x) = next_move (Lcam.k_mu k) a x (Lcam.o_alpha o * v) /\
  Lcam.moved o k (Lcam.Coord v) x (curvature * x) = x - next_move (Lcam.k_mu k) a x (Lcam.o_alpha o * v).
Proof.
  intros W a. unfold Lcam.moved, Lcam.coord_V, next_move, a. rewrite W. simpl. split; ring.
Qed.
Lemma form_positive d11 d12 d22 x w : 0 < d11 -> 0 < d11 * d22 - d12 ^ 2 -> x <> 0 \/ w <> 0 ->
  0 < d11 * x ^ 2 + 2 * d12 * x * w + d22 * w ^ 2.
Proof.
  intros P D N. assert (0 < d22) by nra. eapply Rlt_le_trans; [|apply form_below; assumption].
  apply Rmult_lt_0_compat; [apply Rdiv_lt_0_compat; lra|].
  pose proof (pow2_ge_0 x). pose proof (pow2_ge_0 w).
  destruct N as [N|N]; apply Rsqr_pos_lt in N; unfold Rsqr in N; simpl; nra.
Qed.
Theorem R9_lyapunov_proof : R9_lyapunov.
Proof.
  intros m1 m2 a Co Th. exists (pair_p m1 m2 a), (pair_n m1 m2 a). split; [apply function_positive; assumption|].
  intros o k cu x v g V A E W M N. destruct (lcam_step o k cu x v W) as [S1 S2]. rewrite E in S1, S2.
  unfold V, g. rewrite S1, S2. set (w := Lcam.o_alpha o * v) in *.
  destruct (decrease_positive m1 m2 a Co Th (Lcam.k_mu k) M) as [D1 D2].
  pose proof (decrease (pair_p m1 m2 a) (pair_n m1 m2 a) (Lcam.k_mu k) a x w) as Dec.
  assert (Nw : x <> 0 \/ w <> 0) by (destruct N as [N|N]; [left; exact N | right; unfold w; nra]).
  pose proof (form_positive _ _ _ x w D1 D2 Nw). lra.
Qed.

(* One factor rho < 1 serves both coefficients. *)
Lemma contraction m1 m2 a (p := pair_p m1 m2 a) (n := pair_n m1 m2 a) : coefficients m1 m2 -> below_threshold m1 m2 a ->
  exists rho, 0 <= rho < 1 /\ forall mu x w, mu = m1 \/ mu = m2 ->
    lyapunov p n (x - next_move mu a x w) (next_move mu a x w) <= rho * lyapunov p n x w.
Proof.
  intros Co Th. pose proof (function_positive m1 m2 a Co Th) as Pn. fold p n in Pn.
  destruct (decrease_positive m1 m2 a Co Th m1 (or_introl eq_refl)) as [P1 D1].
  destruct (decrease_positive m1 m2 a Co Th m2 (or_intror eq_refl)) as [_ D2]. fold p n in P1, D1, D2.
  assert (T1 : 0 < e22 p n m1) by nra. assert (T2 : 0 < e22 p n m2) by nra.
  set (c := fun mu => (e11 p n a * e22 p n mu - e12 p n mu a ^ 2) / (e11 p n a + e22 p n mu)).
  assert (C1 : 0 < c m1) by (apply Rdiv_lt_0_compat; lra). assert (C2 : 0 < c m2) by (apply Rdiv_lt_0_compat; lra).
  set (cc := Rmin (c m1) (c m2)). assert (C0 : 0 < cc) by (apply Rmin_glb_lt; assumption).
  assert (P0 : 0 <= p) by (pose proof (pow2_ge_0 n); lra).
  exists (Rmax 0 (1 - cc / (p + 1))). split.
  { split; [apply Rmax_l|]. apply Rmax_lub_lt; [lra|]. assert (0 < cc / (p + 1)) by (apply Rdiv_lt_0_compat; lra). lra. }
  intros mu x w M. set (Q := lyapunov p n x w).
  assert (Up : Q <= (p + 1) * (x ^ 2 + w ^ 2)).
  { unfold Q, lyapunov. assert (0 <= (x - n * w) ^ 2) by apply pow2_ge_0. assert (n ^ 2 * w ^ 2 <= p * w ^ 2)
      by (apply Rmult_le_compat_r; [apply pow2_ge_0 | lra]). lra. }
  assert (Q0 : 0 <= Q).
  { unfold Q, lyapunov. assert (0 <= (n * x + w) ^ 2) by apply pow2_ge_0. assert (n ^ 2 * x ^ 2 <= p * x ^ 2)
      by (apply Rmult_le_compat_r; [apply pow2_ge_0 | lra]). lra. }
  assert (Low : cc * (x ^ 2 + w ^ 2) <= e11 p n a * x ^ 2 + 2 * e12 p n mu a * x * w + e22 p n mu * w ^ 2).
  { assert (cc <= c mu) by (destruct M as [-> | ->]; [apply Rmin_l | apply Rmin_r]).
    apply Rle_trans with (c mu * (x ^ 2 + w ^ 2)).
    - apply Rmult_le_compat_r; [pose proof (pow2_ge_0 x); pose proof (pow2_ge_0 w); lra | assumption].
    - destruct M as [-> | ->]; apply form_below; assumption. }
  pose proof (decrease p n mu a x w) as Dec. fold Q in Dec.
  apply Rle_trans with ((1 - cc / (p + 1)) * Q); [|apply Rmult_le_compat_r; [exact Q0 | apply Rmax_r]].
  assert (cc / (p + 1) * Q <= cc * (x ^ 2 + w ^ 2)); [|lra].
  apply Rle_trans with (cc / (p + 1) * ((p + 1) * (x ^ 2 + w ^ 2))); [|right; field; lra].
  apply Rmult_le_compat_l; [apply div_nonneg; lra | exact Up].
Qed.

Lemma lcam_coefficients o l t (s := shared_after (Lcam.rule o) l t) :
  (Lcam.k_mu s = Lcam.o_below o \/ Lcam.k_mu s = Lcam.o_above o) /\
  (Lcam.k_next s = Lcam.o_below o \/ Lcam.k_next s = Lcam.o_above o).
Proof.
  unfold s. induction t as [|t [_ IH]]; [split; right; reflexivity|]. split; [exact IH|].
  change (Lcam.next_next o (shared_after (Lcam.rule o) l t) (l t) = Lcam.o_below o \/
          Lcam.next_next o (shared_after (Lcam.rule o) l t) (l t) = Lcam.o_above o).
  unfold Lcam.next_next. destruct (Lcam.o_epoch o); choices; tauto.
Qed.
Theorem R9_convergence_proof : R9_convergence.
Proof.
  intros o cu value x1 i A W Co Th. set (f := quadratic cu value). set (r := Lcam.rule o).
  set (x t := theta (run r free f x1 t) i). set (w t := Lcam.o_alpha o * Lcam.c_V (c (run r free f x1 t) i)).
  set (a := Lcam.o_alpha o * cu i) in *. set (m1 := Lcam.o_below o) in *. set (m2 := Lcam.o_above o) in *.
  destruct (contraction m1 m2 a Co Th) as [rho [R C]]. pose proof (function_positive m1 m2 a Co Th) as Pn.
  set (p := pair_p m1 m2 a) in *. set (n := pair_n m1 m2 a) in *. set (Q t := lyapunov p n (x t) (w t)).
  assert (Step : forall t, Q (S t) <= rho * Q t).
  { intros t. set (k' := shared_after r (losses r free f x1) (S t)).
    destruct (lcam_step o k' (cu i) (x t) (Lcam.c_V (c (run r free f x1 t) i)) W) as [S1 S2].
    fold a in S1, S2. fold (w t) in S1, S2.
    assert (E1 : w (S t) = next_move (Lcam.k_mu k') a (x t) (w t)).
    { rewrite <- S1. unfold w at 1, k'. rewrite <- run_shared. simpl. destruct (c (run r free f x1 t) i). reflexivity. }
    assert (E2 : x (S t) = x t - next_move (Lcam.k_mu k') a (x t) (w t)).
    { rewrite <- S2. unfold x at 1, k'. rewrite <- run_shared. simpl. destruct (c (run r free f x1 t) i). reflexivity. }
    unfold Q. rewrite E1, E2. apply C. apply (lcam_coefficients o). }
  assert (Geo : forall t, Q t <= rho ^ t * Q 0%nat).
  { induction t as [|t IH]; [simpl; lra|]. specialize (Step t). simpl. nra. }
  assert (Low : forall t, (p - n ^ 2) * x t ^ 2 <= Q t).
  { intros t. unfold Q, lyapunov. assert (0 <= (n * x t + w t) ^ 2) by apply pow2_ge_0. nra. }
  intros e E. assert (Q0 : 0 <= Q 0%nat).
  { eapply Rle_trans; [|apply Low]. apply Rmult_le_pos; [lra | apply pow2_ge_0]. }
  destruct (power_vanishes rho ((p - n ^ 2) * e ^ 2 / (Q 0%nat + 1)) R) as [N HN].
  { apply Rdiv_lt_0_compat; [|lra]. apply Rmult_lt_0_compat; [lra | apply pow_lt, E]. }
  exists N. intros t L. specialize (HN t L). specialize (Geo t). specialize (Low t). rewrite Rminus_0_r.
  apply square_le; [lra|]. rewrite <- Rabs_mult, Rabs_pos_eq by nra.
  apply (Rmult_le_reg_l (p - n ^ 2)); [lra|].
  assert (rho ^ t * Q 0%nat <= (p - n ^ 2) * e ^ 2).
  { apply Rle_trans with ((p - n ^ 2) * e ^ 2 / (Q 0%nat + 1) * (Q 0%nat + 1)); [|right; field; lra].
    pose proof (power_range rho t ltac:(lra)). apply Rmult_le_compat; lra. }
  change (theta (run (Lcam.rule o) free (quadratic cu value) x1 t) i) with (x t). simpl in *. lra.
Qed.

(* ---- The published pair *)
Lemma published_root : 192353 / 100000 <= sqrt (2 * (9 / 10 + 95 / 100)) <= 192355 / 100000.
Proof. split; [apply le_sqrt_of | apply sqrt_le_of]; lra. Qed.
Theorem R9_published_pair_proof : R9_published_pair.
Proof.
  pose proof published_root as B. unfold R9_published_pair, coefficients, below_threshold.
  set (r := sqrt _) in *. repeat split; try lra. nra.
Qed.

(* ---- The unstable word *)
Section Word.
Variable o : Lcam.options.
Hypothesis (A : Lcam.o_alpha o = 1) (W : Lcam.o_weight_decay o = 0).
Let z t := switched o word (366107 / 100000) 1 t.
Let x t := fst (z t).
Let v t := Lcam.c_V (snd (z t)).
Lemma switched_step t : v (S t) = next_move (word t) (366107 / 100000) (x t) (v t) /\ x (S t) = x t - v (S t).
Proof.
  unfold v, x, z. cbn [switched]. fold z. destruct (switched o word (366107 / 100000) 1 t) as [y [u]]. simpl.
  unfold Lcam.moved, Lcam.coord_V, next_move. rewrite A, W. simpl. split; ring.
Qed.
Lemma word_at n j : (j < 7)%nat -> word (7 * n + j) = if Nat.ltb j 3 then 9 / 10 else 95 / 100.
Proof.
  intros L. unfold word. replace (7 * n + j)%nat with (j + n * 7)%nat by lia. rewrite Nat.mod_add by lia.
  rewrite Nat.mod_small by exact L. reflexivity.
Qed.
(* Seven steps as one linear map, in exact decimals. *)
Let m11 := 149637587050740515175069324582954157 / 10 ^ 35.
Let m12 := 4087890976164812513812346365359 / 10 ^ 31.
Let m21 := - 109598466703936370241802367698054157 / 10 ^ 35.
Let m22 := 974009779775833271031729934641 / 10 ^ 31.
Lemma seven_steps n : let y := x (7 * n) in let u := v (7 * n) in
  x (7 * S n) = m11 * y + m12 * u /\ v (7 * S n) = m21 * y + m22 * u.
Proof.
  intros y u. pose proof (fun j (L : (j < 7)%nat) => switched_step (7 * n + j)) as St.
  pose proof (fun j (L : (j < 7)%nat) => word_at n j L) as Wd.
  replace (7 * S n)%nat with (7 * n + 7)%nat by lia.
  destruct (St 6%nat ltac:(lia)) as [V7 X7]. destruct (St 5%nat ltac:(lia)) as [V6 X6].
  destruct (St 4%nat ltac:(lia)) as [V5 X5]. destruct (St 3%nat ltac:(lia)) as [V4 X4].
  destruct (St 2%nat ltac:(lia)) as [V3 X3]. destruct (St 1%nat ltac:(lia)) as [V2 X2].
  destruct (St 0%nat ltac:(lia)) as [V1 X1]. clear St.
  rewrite Wd in V1, V2, V3, V4, V5, V6, V7 by lia. cbn [Nat.ltb Nat.leb] in *. clear Wd.
  rewrite <- !Nat.add_succ_r in *. rewrite Nat.add_0_r in V1, X1. fold y u in V1, X1. unfold next_move in *.
  unfold m11, m12, m21, m22. clearbody y u. split; lra.
Qed.
(* y_{n+2} = trace y_{n+1} - det y_n, and trace > 1 + det. *)
Lemma word_grows n : 0 < x (7 * n) /\ (1 + 4 / 10 ^ 6) * x (7 * n) <= x (7 * S n).
Proof.
  induction n as [|n [P G]].
  - destruct (seven_steps 0) as [X _]. rewrite X. unfold x, v, z. simpl. unfold m11, m12. lra.
  - split; [lra|]. destruct (seven_steps n) as [X1 V1]. destruct (seven_steps (S n)) as [X2 _].
    set (y0 := x (7 * n)) in *. set (y1 := x (7 * S n)) in *. set (u0 := v (7 * n)) in *. set (u1 := v (7 * S n)) in *.
    assert (R : x (7 * S (S n)) = (m11 + m22) * y1 - (m11 * m22 - m12 * m21) * y0) by (rewrite X2, V1, X1; ring).
    rewrite R. unfold m11, m12, m21, m22. lra.
Qed.
End Word.
Theorem R9_unstable_word_proof : R9_unstable_word.
Proof.
  intros o A W bound. set (x := fun t => fst (switched o word (366107 / 100000) 1 t)).
  assert (Pow : forall n, 1 + INR n * (4 / 10 ^ 6) <= x (7 * n)%nat).
  { intros n. pose proof (word_grows o A W) as G. fold x in G. induction n as [|n IH]; [unfold x; simpl; lra|].
    rewrite S_INR. destruct (G n) as [P Q]. change (fst (switched o word (366107 / 100000) 1 (7 * S n))) with (x (7 * S n)%nat) in Q.
    change (fst (switched o word (366107 / 100000) 1 (7 * n))) with (x (7 * n)%nat) in P, Q.
    assert (1 <= x (7 * n)%nat) by (pose proof (pos_INR n); lra). lra. }
  destruct (some_nat (bound * 10 ^ 6)) as [n Hn]. exists (7 * n)%nat. specialize (Pow n).
  fold (x (7 * n)%nat). pose proof (pos_INR n). rewrite Rabs_pos_eq by lra. lra.
Qed.
