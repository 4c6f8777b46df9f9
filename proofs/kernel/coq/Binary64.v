(* Floats are such an arithmetic (Flocq), and the numbers for a thousand steps. *)
From Coq Require Import Reals Lra Lia Psatz ZArith.
From Flocq Require Import Core Relative.
From Kernel Require Import Model Generated Base Statements Runs Rounded FloatStatements Floats.
Open Scope R_scope.

Lemma half_ulp : / 2 * bpow radix2 (- (53) + 1) = / 2 ^ 53.
Proof. change (bpow radix2 (-(53) + 1)) with (/ IZR (Z.pow_pos 2 52)). simpl. lra. Qed.
Theorem F_rounds_proof : F_rounds.
Proof.
  intros N B. split.
  - intros x. unfold nearest. rewrite <- half_ulp. apply relative_error_N_FLX. reflexivity.
  - intros n L. unfold nearest. apply round_generic; [apply valid_rnd_N|].
    pose proof (Rle_trans _ _ _ (le_INR _ _ L) B) as M. rewrite INR_IZR_INZ in M |- *.
    destruct (Z_le_lt_eq_dec (Z.of_nat n) (2 ^ 53)) as [H|H].
    + apply le_IZR. replace (IZR (2 ^ 53)) with (2 ^ 53) by (rewrite pow_IZR; reflexivity). exact M.
    + apply generic_format_FLX. exists (Float radix2 (Z.of_nat n) 0); [unfold F2R; simpl; ring | simpl; lia].
    + rewrite H. change (2 ^ 53)%Z with (Zpower radix2 53). rewrite IZR_Zpower by lia.
      apply generic_format_bpow. unfold FLX_exp. lia.
Qed.
Theorem F_no_underflow_proof : F_no_underflow.
Proof.
  intros x [->|H]; unfold nearest_binary64, nearest.
  - rewrite !round_0 by apply valid_rnd_N. reflexivity.
  - apply round_FLT_FLX. eapply Rle_trans; [|exact H]. right.
    change (-1074 + 53 - 1)%Z with (- (1022))%Z. rewrite bpow_opp, <- (IZR_Zpower radix2) by lia.
    f_equal. rewrite pow_IZR. reflexivity.
Qed.

Lemma rounding_thousand o D t T : 0 <= D -> step_options o -> (t <= T)%nat -> (T <= 1000)%nat ->
  Dwmgrad.o_alpha o * sqrt (1 + Dwmgrad.o_omega0 o) <= D -> rounding (/ 2 ^ 53) o D t T <= 12 / 10 ^ 10 * D.
Proof.
  intros D0 [A _] Lt LT S. unfold rounding. pose proof (sqrt_pos (1 + Dwmgrad.o_omega0 o)).
  set (s := Dwmgrad.o_alpha o * sqrt _) in *. assert (S0 : 0 <= s) by (unfold s; nra).
  apply le_INR in Lt, LT. replace (INR 1000) with 1000 in LT by (rewrite INR_IZR_INZ; reflexivity).
  pose proof (pos_INR t). pose proof (pos_INR T). assert (I : 0 < / 2 ^ 53 <= 111023 / 10 ^ 21) by lra.
  assert (P : 0 <= D + (10 * INR T + 18) * s <= 10019 * D) by (split; nra).
  apply Rle_trans with (1000 * (111023 / 10 ^ 21) * (10019 * D)); [|lra].
  apply Rmult_le_compat; try apply Rmult_le_compat; try apply Rmult_le_pos; lra.
Qed.
Theorem F_thousand_proof : F_thousand.
Proof.
  intros o low high f x1 v d T n D G Op Ga Vb Wi Pf LT Ln D0 G0 S Gr. pose proof (le_INR _ _ LT) as L.
  replace (INR 1000) with 1000 in L by (rewrite INR_IZR_INZ; reflexivity). pose proof (pos_INR T).
  assert (O : float_options nearest (/ 2 ^ 53) o n T).
  { assert (I : 0 < / 2 ^ 53 <= 1 / 10 ^ 10) by lra. split; [exact Op|]. split; [lra|]. split.
    - apply Rle_trans with (5008 * (1 / 10 ^ 10)); [apply Rmult_le_compat; lra | lra].
    - apply F_rounds_proof. rewrite plus_INR. lra. }
  assert (St : step_options o) by apply Op. split.
  - intros E Pe Same i t Ii Lt. eapply Rle_trans; [|apply (rounding_thousand o D t T); assumption].
    apply (F_iterates_proof _ _ _ _ _ _ _ d T n (fun _ => D) E O); try assumption; apply Ga.
  - eapply Rle_trans; [apply (F_regret_proof _ _ o low high f x1 v d T n (fun _ => D) O Ga Vb Wi Pf)|].
    apply sum_le. intros i I. apply Rplus_le_compat_l.
    set (g := float_gradient nearest o low high f x1 i).
    assert (Su : 0 <= sum (fun t => Rabs (g t)) T <= 1000 * G).
    { split; [apply sum_nonneg; intros; apply Rabs_pos|]. apply Rle_trans with (sum (fun _ => G * 1) T).
      - apply sum_le. intros t _. rewrite Rmult_1_r. apply Gr; [apply run_in_box, Ga | exact I].
      - rewrite sum_scal, sum_ones. nra. }
    pose proof (rounding_thousand o D T T D0 St (le_n T) LT S) as Ro. cbv zeta.
    pose proof (rounding_pos (/ 2 ^ 53) o D T T ltac:(lra) D0 St) as Rp.
    apply Rle_trans with (12 / 10 ^ 10 * D * (1000 * G)); [apply Rmult_le_compat; lra | lra].
Qed.
