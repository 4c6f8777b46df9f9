(* R6-drift: a push of positive mean, with a bounded correction, takes a projected iterate to the upper end. *)
From Coq Require Import Reals Lra Lia Psatz.
From Kernel Require Import Model Generated Base Statements.
Open Scope R_scope.

(* ---- Partial sums of a periodic function of mean 0 are bounded *)
Lemma periodic_bounded f kk : (1 <= kk)%nat -> (forall t, f (t + kk)%nat = f t) -> sum f kk = 0 ->
  exists F, 0 <= F /\ forall t, Rabs (sum f t) <= F.
Proof.
  intros K Per Z. exists (sum (fun t => Rabs (sum f t)) kk).
  assert (Nn : forall t, 0 <= Rabs (sum f t)) by (intros; apply Rabs_pos).
  split; [apply sum_nonneg; auto|].
  assert (Again : forall t, sum f (kk + t) = sum f t).
  { intros t. rewrite sum_add, Z, Rplus_0_l. apply sum_ext. intros j _. rewrite Nat.add_comm. apply Per. }
  intros t. induction t as [t IH] using (well_founded_induction Wf_nat.lt_wf).
  destruct (Nat.lt_ge_cases t kk) as [L|L]; [apply (term_le_sum (fun t => Rabs (sum f t))); auto|].
  replace t with (kk + (t - kk))%nat by lia. rewrite Again. apply IH. lia.
Qed.

(* ---- The step sizes alpha/sqrt(t) *)
Section Steps.
Variable alpha : R.
Hypothesis A : 0 < alpha.
Let a t := alpha / sqrt (INR (S t)).
Lemma a_pos t : 0 < a t.
Proof. apply Rdiv_lt_0_compat; [exact A | apply sqrt_pos_lt, INR_S_pos]. Qed.
Lemma a_decreases t : a (S t) <= a t.
Proof.
  apply Rmult_le_compat_l; [lra|]. apply Rinv_le_contravar; [apply sqrt_pos_lt, INR_S_pos|].
  apply sqrt_le_1_alt, le_INR. lia.
Qed.
Lemma a_first t : a t <= a 0.
Proof. induction t as [|t IH]; [lra | pose proof (a_decreases t); lra]. Qed.
(* alpha_t - alpha_{t+1} <= alpha_t/t. *)
Lemma a_slowly t : (a t - a (S t)) * INR (S t) <= a t.
Proof.
  pose proof (INR_S_pos t) as P. pose proof (sqrt_pos_lt _ P) as R0. pose proof (sqrt_sqrt _ (Rlt_le _ _ P)) as E.
  pose proof (INR_S_pos (S t)) as P'. pose proof (sqrt_pos_lt _ P') as R1. pose proof (sqrt_sqrt _ (Rlt_le _ _ P')) as E'.
  rewrite (S_INR (S t)) in E' at 3. unfold a. set (n := INR (S t)) in *. set (r := sqrt n) in *.
  set (s := sqrt (INR (S (S t)))) in *. apply (Rmult_le_reg_r (r * s / alpha)).
  { apply Rdiv_lt_0_compat; [nra | exact A]. }
  replace ((alpha / r - alpha / s) * n * (r * s / alpha)) with ((s - r) * n) by (field; lra).
  replace (alpha / r * (r * s / alpha)) with s by (field; lra).
  assert (r < s) by nra. assert (Q : (s - r) * r <= 1) by nra.
  apply (Rmult_le_compat_r r) in Q; [|lra]. rewrite <- E. lra.
Qed.
(* Their sums grow without bound: alpha_t >= 2 alpha (sqrt(t+1) - sqrt(t)). *)
Lemma a_sum t n : 2 * alpha * (sqrt (INR (S (t + n))) - sqrt (INR (S t))) <= sum (fun s => a (t + s)%nat) n.
Proof.
  induction n as [|n IH]; [rewrite Nat.add_0_r; simpl; lra|]. rewrite sum_S, Nat.add_succ_r.
  pose proof (INR_S_pos (t + n)) as P. pose proof (sqrt_pos_lt _ P) as R0. pose proof (sqrt_sqrt _ (Rlt_le _ _ P)) as E.
  pose proof (INR_S_pos (S (t + n))) as P'. pose proof (sqrt_pos_lt _ P') as R1.
  pose proof (sqrt_sqrt _ (Rlt_le _ _ P')) as E'. rewrite (S_INR (S (t + n))) in E' at 3. unfold a at 2.
  set (r := sqrt (INR (S (t + n)))) in *. set (s := sqrt (INR (S (S (t + n))))) in *.
  enough (2 * alpha * (s - r) <= alpha / r) by lra. apply le_div_of; [exact R0|].
  assert (r < s) by nra. assert (Q : (s - r) * (2 * r) <= 1) by nra. apply (Rmult_le_compat_l alpha) in Q; lra.
Qed.
Lemma beyond x : exists n, forall m, (n <= m)%nat -> x <= sqrt (INR m).
Proof.
  destruct (some_nat (x * x)) as [n Hn]. exists n. intros m L.
  apply Rle_trans with (Rabs x); [apply Rle_abs|]. apply le_sqrt_of; [apply Rabs_pos | apply pos_INR|].
  rewrite <- Rabs_mult, Rabs_pos_eq by nra. apply le_INR in L. lra.
Qed.
Lemma a_vanishes e : 0 < e -> exists n, forall t, (n <= t)%nat -> a t <= e.
Proof.
  intros E. destruct (beyond (alpha / e)) as [n Hn]. exists n. intros t L.
  apply div_le_of; [apply sqrt_pos_lt, INR_S_pos|]. specialize (Hn (S t) ltac:(lia)).
  apply (Rmult_le_compat_l e) in Hn; [|lra]. replace (e * (alpha / e)) with alpha in Hn by (field; lra). exact Hn.
Qed.

(* ---- The lemma: d is the mean m up to the differences of E and an error of m/4. *)
Variables (theta d E : nat -> R) (m F : R) (t0 : nat).
Hypothesis (M : 0 < m) (FP : 0 <= F).
Hypothesis step : forall t, theta (S t) = clip (-1) 1 (theta t + a t * d t).
Hypothesis inside : forall t, -1 <= theta t <= 1.
Hypothesis bounded : forall t, (t0 <= t)%nat -> Rabs (E t) <= F.
Hypothesis close : forall t, (t0 <= t)%nat -> Rabs (d t - (m + E (S t) - E t)) <= m / 4.
Hypothesis late : 4 * F <= m * INR (S t0).
Let Y t := theta t - a t * E t.

Lemma late_enough t : (t0 <= t)%nat -> (a t - a (S t)) * F <= a t * m / 4.
Proof.
  intros L. pose proof (a_slowly t) as Q. pose proof (a_decreases t). pose proof (a_pos t).
  assert (INR (S t0) <= INR (S t)) by (apply le_INR; lia). pose proof (INR_S_pos t0).
  apply (Rmult_le_reg_r (INR (S t))); [apply INR_S_pos|].
  apply Rle_trans with (a t * F); [nra|]. assert (4 * F <= m * INR (S t)) by nra. nra.
Qed.
Lemma rising t : (t0 <= t)%nat -> Y t + a t * m / 2 <= Y (S t) \/ 1 - F * a (S t) <= Y (S t).
Proof.
  intros L. pose proof (bounded (S t) ltac:(lia)) as B. apply abs_le in B.
  pose proof (close t L) as Cl. apply abs_le in Cl. pose proof (late_enough t L) as Q.
  pose proof (a_pos t) as P. pose proof (a_pos (S t)) as P'. pose proof (a_decreases t) as Dc. unfold Y. rewrite (step t).
  set (y := theta t + a t * d t). destruct (Rle_lt_dec y 1) as [H|H].
  - left. assert (y <= clip (-1) 1 y) by (unfold clip; choices; lra).
    apply Rle_trans with (y - a (S t) * E (S t)); [|lra]. unfold y.
    assert (a t * (m + E (S t) - E t - m / 4) <= a t * d t) by (apply Rmult_le_compat_l; lra).
    assert (- ((a t - a (S t)) * F) <= (a t - a (S t)) * E (S t)) by nra. nra.
  - right. assert (clip (-1) 1 y = 1) as -> by (unfold clip; choices; lra). nra.
Qed.
Lemma staying t : (t0 <= t)%nat -> 1 - 2 * F * a t <= Y t -> 1 - 2 * F * a (S t) <= Y (S t).
Proof.
  intros L H. pose proof (late_enough t L). pose proof (a_pos (S t)). destruct (rising t L) as [R|R]; nra.
Qed.
Lemma entering n : (exists s, (t0 <= s)%nat /\ 1 - 2 * F * a s <= Y s) \/
  Y t0 + m / 2 * sum (fun s => a (t0 + s)%nat) n <= Y (t0 + n).
Proof.
  induction n as [|n [IH|IH]]; [right; rewrite Nat.add_0_r; simpl; lra | left; exact IH |].
  destruct (rising (t0 + n) ltac:(lia)) as [R|R].
  - right. rewrite sum_S, Nat.add_succ_r. lra.
  - left. exists (S (t0 + n)). split; [lia|]. pose proof (a_pos (S (t0 + n))). nra.
Qed.
Theorem drift_to_the_top : exists T1, forall t, (T1 <= t)%nat -> 1 - 3 * F * a t <= theta t.
Proof.
  assert (Entry : exists s, (t0 <= s)%nat /\ 1 - 2 * F * a s <= Y s).
  { destruct (beyond (sqrt (INR (S t0)) + (1 + F * a 0 - Y t0 + 1) / (m * alpha))) as [n Hn].
    destruct (entering n) as [H|H]; [exact H|exfalso]. pose proof (a_sum t0 n) as Q.
    specialize (Hn (S (t0 + n)) ltac:(lia)).
    assert (1 + F * a 0 - Y t0 + 1 <= m * alpha * (sqrt (INR (S (t0 + n))) - sqrt (INR (S t0)))).
    { set (X := 1 + F * a 0 - Y t0 + 1) in *. assert (0 < m * alpha) by nra.
      apply Rle_trans with (m * alpha * (X / (m * alpha))); [right; field; split; lra|].
      apply Rmult_le_compat_l; lra. }
    assert (U : Y (t0 + n) <= 1 + F * a 0).
    { unfold Y. pose proof (inside (t0 + n)). pose proof (bounded (t0 + n) ltac:(lia)) as B. apply abs_le in B.
      pose proof (a_first (t0 + n)).
      pose proof (a_pos (t0 + n)). assert (a (t0 + n) * - F <= a (t0 + n) * E (t0 + n)) by (apply Rmult_le_compat_l; lra).
      assert (a (t0 + n) * F <= a 0 * F) by (apply Rmult_le_compat_r; lra). lra. }
    assert (m / 2 * (2 * alpha * (sqrt (INR (S (t0 + n))) - sqrt (INR (S t0)))) <= m / 2 * sum (fun s => a (t0 + s)%nat) n)
      by (apply Rmult_le_compat_l; lra). lra. }
  destruct Entry as [s [L H]]. exists s. intros t Lt.
  assert (S1 : 1 - 2 * F * a t <= Y t).
  { induction Lt as [|t Lt IH]; [exact H|]. apply staying; [lia | exact IH]. }
  unfold Y in S1. pose proof (bounded t ltac:(lia)) as B. apply abs_le in B. pose proof (a_pos t).
  assert (a t * - F <= a t * E t) by (apply Rmult_le_compat_l; lra). lra.
Qed.
End Steps.
