(* Limits: powers, and means of sequences that vanish or whose partial sums are bounded. *)
From Coq Require Import Reals Lra Lia Psatz.
From Kernel Require Import Model Generated Base Statements.
Open Scope R_scope.

Lemma power_vanishes q e : 0 <= q < 1 -> 0 < e -> exists N, forall n, (N <= n)%nat -> q ^ n <= e.
Proof.
  intros Q E. destruct (pow_lt_1_zero q ltac:(rewrite Rabs_pos_eq; lra) e E) as [N H]. exists N. intros n L.
  specialize (H n ltac:(lia)). rewrite Rabs_pos_eq in H; [lra | apply pow_le; lra].
Qed.
(* A sequence that tends to 0 has means that tend to 0, and so has one with bounded partial sums. *)
Lemma bounded_mean s B : (forall T, Rabs (sum s T) <= B) -> tends_to (fun T => sum s T / INR T) 0.
Proof.
  intros H e E. destruct (some_nat (B / e)) as [N HN]. exists (S N). intros T L.
  assert (P : 0 < INR T) by (apply lt_0_INR; lia). rewrite Rminus_0_r. unfold Rdiv. rewrite Rabs_mult.
  rewrite (Rabs_pos_eq (/ INR T)) by (left; apply Rinv_0_lt_compat, P). apply div_le_of; [exact P|].
  eapply Rle_trans; [apply H|]. assert (INR N <= INR T) by (apply le_INR; lia).
  assert (B = e * (B / e)) by (field; lra). nra.
Qed.
Lemma mean_vanishes s : tends_to s 0 -> tends_to (fun T => sum s T / INR T) 0.
Proof.
  intros H e E. destruct (H (e / 2) ltac:(lra)) as [N HN]. set (K := sum (fun t => Rabs (s t)) N).
  assert (Tail : forall T, Rabs (sum s T) <= K + e / 2 * INR T).
  { intros T. destruct (Nat.le_gt_cases T N) as [L|L].
    - apply Rle_trans with (sum (fun t => Rabs (s t)) T); [apply sum_abs|].
      pose proof (sum_longer (fun t => Rabs (s t)) T N (fun t => Rabs_pos _) L). pose proof (pos_INR T). unfold K. nra.
    - replace T with (N + (T - N))%nat by lia. rewrite sum_add. eapply Rle_trans; [apply Rabs_triang|].
      apply Rplus_le_compat; [apply sum_abs|]. eapply Rle_trans; [apply sum_abs|].
      apply Rle_trans with (sum (fun _ => e / 2 * 1) (T - N)).
      + apply sum_le. intros j _. specialize (HN (N + j)%nat ltac:(lia)). rewrite Rminus_0_r in HN. lra.
      + rewrite sum_scal, sum_ones, plus_INR. pose proof (pos_INR N). apply Rmult_le_compat_l; lra. }
  destruct (some_nat (2 * K / e)) as [M HM]. exists (S M). intros T L.
  assert (P : 0 < INR T) by (apply lt_0_INR; lia). rewrite Rminus_0_r. unfold Rdiv. rewrite Rabs_mult.
  rewrite (Rabs_pos_eq (/ INR T)) by (left; apply Rinv_0_lt_compat, P). apply div_le_of; [exact P|].
  eapply Rle_trans; [apply Tail|]. assert (INR M <= INR T) by (apply le_INR; lia).
  assert (K = e / 2 * (2 * K / e)) by (field; lra). nra.
Qed.

