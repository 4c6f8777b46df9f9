(* Proofs of R6's corollaries: the paper's defaults, and a sequence for every finite cap. *)
From Coq Require Import Reals Lra Lia Psatz.
From Kernel Require Import Model Generated Base Statements Runs Window Regret Limits Drift Failure.
Open Scope R_scope.

Lemma inverse_root_ge G e s : 0 <= e -> 0 < s -> 0 < G -> G <= (s - e) * (s - e) -> e <= s -> / s <= 1 / (sqrt G + e).
Proof.
  intros E S P H L. unfold Rdiv. rewrite Rmult_1_l. pose proof (sqrt_pos_lt G P).
  apply Rinv_le_contravar; [lra|]. assert (sqrt G <= s - e) by (apply sqrt_le_of; lra). lra.
Qed.
Lemma inverse_root_le C G e s : 0 <= C -> 0 <= e -> 0 < s -> s * s <= G -> C / (sqrt G + e) <= C / s.
Proof.
  intros P E S H. assert (s <= sqrt G) by (apply le_sqrt_of; nra).
  apply Rmult_le_compat_l; [exact P|]. apply Rinv_le_contravar; lra.
Qed.
Lemma default_limit j : limit_moment 7 7 10 j = 1 + (9 / 10) ^ j * (48000000 / 5217031).
Proof. unfold limit_moment. replace (1 - 1 / 10) with (9 / 10) by field. simpl (7 - 1)%nat. field. Qed.
(* The drift is about 0.024: every root is replaced by three decimals and a thousandth. *)
Lemma default_drift : 0 < drift 7 7 10 (1 / 10 ^ 8).
Proof.
  assert (E : 0 <= 1 / 10 ^ 8 <= 1 / 1000) by lra. set (e := 1 / 10 ^ 8) in *. clearbody e.
  assert (root : forall j s, 1 <= s -> 1 + (9 / 10) ^ j * (48000000 / 5217031) <= (s - 1 / 1000) * (s - 1 / 1000) ->
    / s <= 1 / (sqrt (1 + (9 / 10) ^ j * (48000000 / 5217031)) + e)).
  { intros j s H B. assert (0 < (9 / 10) ^ j) by (apply pow_lt; lra). assert ((s - 1 / 1000) * (s - 1 / 1000) <= (s - e) * (s - e)) by (apply Rmult_le_compat; lra).
    apply inverse_root_ge; lra. }
  unfold drift. simpl (7 - 1)%nat. simpl sum. rewrite !default_limit.
  pose proof (root 1%nat (3048 / 1000) ltac:(lra) ltac:(lra)).
  pose proof (root 2%nat (2909 / 1000) ltac:(lra) ltac:(lra)).
  pose proof (root 3%nat (2778 / 1000) ltac:(lra) ltac:(lra)).
  pose proof (root 4%nat (2654 / 1000) ltac:(lra) ltac:(lra)).
  pose proof (root 5%nat (2538 / 1000) ltac:(lra) ltac:(lra)).
  pose proof (root 6%nat (2428 / 1000) ltac:(lra) ltac:(lra)).
  pose proof (inverse_root_le 7 (1 + (9 / 10) ^ 0 * (48000000 / 5217031)) e (3193 / 1000)
    ltac:(lra) ltac:(lra) ltac:(lra) ltac:(lra)).
  lra.
Qed.
Theorem R6_defaults_proof : R6_defaults.
Proof.
  intros o x1 V St Mo Sc Si De E X1.
  destruct (R6_failure_proof o x1 7 7%nat 10 V St Mo Sc Si De X1) as (_ & _ & Q).
  - lia.
  - simpl. lra.
  - rewrite E. exact default_drift.
  - replace (2 / 7) with (2 * (7 - INR 7 + 1) / INR 7) by (simpl; field). exact Q.
Qed.

(* ---- Period 3: G_j = 1 + q^j h with h = (C² - 1)/(1 + q + q²), so G_1 and G_2 are below G_0 by (1 - q) h at least. *)
Lemma limit_three C delta j (q := 1 - 1 / delta) : 1 <= delta ->
  limit_moment C 3 delta j = 1 + q ^ j * ((C ^ 2 - 1) / (1 + q + q ^ 2)).
Proof.
  intros D. pose proof (q_range delta D) as Q. fold q in Q. unfold limit_moment. fold q. simpl (3 - 1)%nat.
  replace (C ^ 2 / delta) with (C ^ 2 * (1 - q)) by (unfold q; field; lra).
  assert (1 + q + q ^ 2 <> 0) by nra. assert (1 - q ^ 3 <> 0) by (simpl; nra).
  field_simplify_eq; [ring | split; assumption].
Qed.
Lemma three_drift delta e (more := 1 / (6 * delta * (3 + e))) : 1 <= delta -> 0 <= e -> 0 < drift (2 + more) 3 delta e.
Proof.
  intros D E. set (q := 1 - 1 / delta). pose proof (q_range delta D) as Q. fold q in Q.
  assert (DI : 0 < 1 - q) by (unfold q; assert (0 < 1 / delta) by (apply Rdiv_lt_0_compat; lra); lra).
  assert (M : more * (3 + e) = (1 - q) / 6) by (unfold more, q; field; lra).
  assert (MP : 0 < more <= 1 / 18) by nra.
  set (h := ((2 + more) ^ 2 - 1) / (1 + q + q ^ 2)).
  assert (H : 1 <= h <= 4) by (unfold h; split; [apply le_div_of | apply div_le_of]; nra).
  assert (L : forall j, limit_moment (2 + more) 3 delta j = 1 + q ^ j * h) by (intros; apply limit_three, D).
  clearbody h q more.
  unfold drift. simpl (3 - 1)%nat. simpl sum. rewrite !L. simpl pow. rewrite !Rmult_1_r, !Rmult_1_l.
  set (s0 := sqrt (1 + h)). set (s1 := sqrt (1 + q * h)). set (s2 := sqrt (1 + q * q * h)).
  assert (E0 : s0 * s0 = 1 + h) by (apply sqrt_sqrt; lra). assert (E1 : s1 * s1 = 1 + q * h) by (apply sqrt_sqrt; nra).
  assert (QH : 0 <= q * q * h <= q * h) by (split; [repeat apply Rmult_le_pos | apply Rmult_le_compat_r]; nra).
  assert (P2 : 1 <= s2) by (apply le_sqrt_of; lra). assert (O : s2 <= s1) by (apply sqrt_le_1_alt; lra).
  assert (B0 : s0 <= 3) by (apply sqrt_le_of; lra). assert (O' : s1 <= s0) by (apply sqrt_le_1_alt; nra).
  assert (Gap : (1 - q) / 6 <= s0 - s1).
  { apply (Rmult_le_reg_r (s0 + s1)); [lra|]. replace ((s0 - s1) * (s0 + s1)) with ((1 - q) * h) by lra. nra. }
  assert (Step : more * (s1 + e) <= (1 - q) / 6) by (rewrite <- M; apply Rmult_le_compat_l; lra).
  assert (/ (s1 + e) <= / (s2 + e)) by (apply Rinv_le_contravar; lra).
  assert (Key : (2 + more) / (s0 + e) < 2 * / (s1 + e)).
  { apply (Rmult_lt_reg_r ((s0 + e) * (s1 + e))); [nra|].
    replace ((2 + more) / (s0 + e) * ((s0 + e) * (s1 + e))) with ((2 + more) * (s1 + e)) by (field; lra).
    replace (2 * / (s1 + e) * ((s0 + e) * (s1 + e))) with (2 * (s0 + e)) by (field; lra). lra. }
  unfold Rdiv at 1 2. lra.
Qed.
Theorem R6_every_cap_proof : R6_every_cap.
Proof.
  intros o x1 delta V St Mo Sc Si De X1 more.
  assert (D : 1 <= delta) by (destruct V as (_ & _ & B); unfold below_cap in B; rewrite De in B; exact B).
  assert (E : 0 <= Dwmgrad.o_eps o) by apply St.
  assert (P : 0 < more) by (apply Rdiv_lt_0_compat; [lra | apply Rmult_lt_0_compat; lra]).
  split; [exact P|].
  destruct (R6_failure_proof o x1 (2 + more) 3%nat delta V St Mo Sc Si De X1) as (_ & _ & Q).
  - lia.
  - simpl. lra.
  - apply three_drift; assumption.
  - replace (2 * more / 3) with (2 * (2 + more - INR 3 + 1) / INR 3) by (simpl; field). exact Q.
Qed.
