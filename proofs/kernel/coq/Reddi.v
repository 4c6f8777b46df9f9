(* Proof of Reddi et al.'s counterexample: what the large gradient takes from 1 the two small ones bring back. *)
From Coq Require Import Reals Lra Lia Psatz.
From Kernel Require Import Model Generated Base Statements Runs Window Regret.
Open Scope R_scope.

(* ---- Inequalities between roots *)
(* 1/sqrt(2(m+1)) + 1/sqrt((1+2b)(m+2)) >= 1/sqrt(m) from m = 4 on. *)
Lemma inverse_root_below c y : 0 < c -> 0 < y -> y <= c * c -> / c <= / sqrt y.
Proof.
  intros C Y H. apply Rinv_le_contravar; [apply sqrt_pos_lt, Y | apply sqrt_le_of; lra].
Qed.
Lemma later_roots m b : 4 <= m -> 0 < b <= 1 / 5 ->
  / sqrt m <= / sqrt (2 * (m + 1)) + / sqrt ((1 + 2 * b) * (m + 2)).
Proof.
  intros M B. assert (P : 0 < sqrt m) by (apply sqrt_pos_lt; lra). pose proof (sqrt_sqrt m ltac:(lra)) as E.
  assert (H1 : / (16 / 10 * sqrt m) <= / sqrt (2 * (m + 1))) by (apply inverse_root_below; nra).
  assert (H2 : / (15 / 10 * sqrt m) <= / sqrt ((1 + 2 * b) * (m + 2))) by (apply inverse_root_below; nra).
  assert (/ (16 / 10 * sqrt m) = 10 / 16 * / sqrt m) by (field; lra).
  assert (/ (15 / 10 * sqrt m) = 10 / 15 * / sqrt m) by (field; lra).
  assert (0 < / sqrt m) by (apply Rinv_0_lt_compat, P). lra.
Qed.
(* In the first period the second moment is smaller, and the same holds at m = 1. *)
Lemma first_roots b : 0 < b <= 1 / 5 -> 1 <= / sqrt (2 * (2 - b)) + / sqrt (3 * (1 + 2 * b - b ^ 2)).
Proof.
  intros B. assert (H1 : / (2 - b / 2) <= / sqrt (2 * (2 - b))) by (apply inverse_root_below; nra).
  assert (H2 : / (8 / (4 - b)) <= / sqrt (3 * (1 + 2 * b - b ^ 2))).
  { apply inverse_root_below; [apply Rdiv_lt_0_compat; lra | nra|].
    replace (8 / (4 - b) * (8 / (4 - b))) with (64 / ((4 - b) * (4 - b))) by (field; lra).
    apply le_div_of; nra. }
  replace (/ (2 - b / 2)) with (2 / (4 - b)) in H1 by (field; lra).
  replace (/ (8 / (4 - b))) with ((4 - b) / 8) in H2 by (field; lra).
  assert (1 - (4 - b) / 8 <= 2 / (4 - b)); [|lra]. apply le_div_of; nra.
Qed.

(* ---- The run *)
Section Run.
Import Adam.
Variables (o : options) (C : R) (x1 : point).
Hypothesis (C2 : 2 <= C) (Sc : o_schedule o = Schedule_sqrt) (B1 : o_beta1 o = 0) (E0 : o_eps o = 0).
Let b := o_beta2 o.
Let alpha := o_alpha o.
Let s := sqrt (1 - b).
Hypothesis (B2 : b = / (1 + C ^ 2)) (A : 0 < alpha < s) (X1 : x1 0%nat = 1).
Let r := rule o.
Let l := losses r unit_box (every_third C) x1.
Let x := iterates r unit_box (every_third C) x1 0.
Let g := gradients r unit_box (every_third C) x1 0.
Let memory t := coord_after r l x g t.
Let v t := c_v (memory t).
Let cc t := sqrt (1 - b ^ S t).

Lemma b_range : 0 < b <= 1 / 5 /\ b * (1 + C ^ 2) = 1.
Proof.
  assert (5 <= 1 + C ^ 2) by nra. rewrite B2. split; [split|].
  - apply Rinv_0_lt_compat. lra.
  - unfold Rdiv. rewrite Rmult_1_l. apply Rinv_le_contravar; lra.
  - field. lra.
Qed.
Lemma adam_time t : k_t (shared_after r l t) = INR t.
Proof.
  induction t as [|t IH]; [reflexivity|].
  change (k_t (shared_after r l t) + 1 = INR (S t)). rewrite IH, S_INR. reflexivity.
Qed.
Lemma adam_shared t : k_alpha (shared_after r l (S t)) = alpha / sqrt (INR (S t)) /\
  k_c1 (shared_after r l (S t)) = 1 /\ k_c2 (shared_after r l (S t)) = cc t.
Proof.
  assert (P : forall n, k_power2 (shared_after r l n) = b ^ n).
  { induction n as [|n IH]; [reflexivity|]. change (k_power2 (shared_after r l n) * b = b ^ S n). rewrite IH. simpl. ring. }
  repeat split.
  - change (next_alpha o (shared_after r l t) (l t) = alpha / sqrt (INR (S t))). unfold next_alpha, next_t.
    rewrite Sc, adam_time, S_INR. reflexivity.
  - change (1 - k_power1 (shared_after r l t) * o_beta1 o = 1). rewrite B1. ring.
  - change (sqrt (1 - k_power2 (shared_after r l (S t))) = cc t). rewrite P. reflexivity.
Qed.
Lemma v_step t : v (S t) = b * v t + (1 - b) * (g t * g t).
Proof. unfold v, memory. simpl. unfold coord_v. fold b. ring. Qed.
Lemma cc_range t : 0 < cc t <= 1 /\ cc t <= cc (S t).
Proof.
  pose proof b_range as [B _]. pose proof (power_range b t ltac:(lra)) as P. unfold cc. cbn [pow].
  set (y := b ^ t) in *. assert (0 <= b * y <= 1 / 5) by nra. assert (0 <= b * (b * y) <= b * y) by nra. split; [split|].
  - apply sqrt_pos_lt. lra.
  - apply sqrt_le_of; lra.
  - apply sqrt_le_1_alt. lra.
Qed.
Lemma s_positive : 0 < s.
Proof. apply sqrt_pos_lt. pose proof b_range. lra. Qed.
Lemma s_square : s * s = 1 - b.
Proof. apply sqrt_sqrt. pose proof b_range. lra. Qed.
Lemma adam_moves t : 0 < v (S t) ->
  x (S t) = clip (-1) 1 (x t - alpha / sqrt (INR (S t)) * g t * cc t / sqrt (v (S t))).
Proof.
  intros V. unfold x at 1. rewrite run_theta. fold r l x g. unfold unit_box, boxed. f_equal.
  change (Model.moved r ?k ?c ?y ?z) with (moved o k c y z). unfold moved.
  destruct (adam_shared t) as (K1 & K2 & K3). rewrite K1, K2, K3, E0.
  change (coord_v o ?k ?c ?y ?z) with (v (S t)). fold (memory t).
  assert (M : coord_m o (shared_after r l (S t)) (memory t) (x t) (g t) = g t) by (unfold coord_m; rewrite B1; ring).
  rewrite M. pose proof (sqrt_pos_lt _ V). pose proof (sqrt_pos_lt _ (INR_S_pos t)). pose proof (cc_range t).
  field. repeat split; lra.
Qed.
Lemma stays_inside t : -1 <= x t <= 1.
Proof.
  apply (run_in_box r 1 (fun _ => -1) (fun _ => 1) (every_third C) x1 t); [|lia].
  intros i I. replace i with 0%nat by lia. rewrite X1. lra.
Qed.
(* The large gradient takes x down by at most u c/sqrt(t), u = alpha/s; a small one with v <= (1-b) w takes it up by at
   least u c/sqrt(t w). *)
Let u := alpha / s.
Lemma u_range : 0 < u < 1.
Proof.
  pose proof s_positive. unfold u. split; [apply Rdiv_lt_0_compat; lra|].
  apply (Rmult_lt_reg_r s); [assumption|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l; lra.
Qed.
Lemma large_step t : g t = C -> 0 <= v t -> x t = 1 -> 1 - u * cc t * / sqrt (INR (S t)) <= x (S t).
Proof.
  intros G V X. pose proof b_range as [B _]. pose proof s_positive as S0. pose proof s_square as SS.
  assert (V1 : (s * C) * (s * C) <= v (S t)) by (rewrite v_step, G; nra).
  assert (VP : 0 < v (S t)) by nra. rewrite (adam_moves t VP), X, G.
  pose proof (cc_range t) as [Cc _]. pose proof (Rinv_0_lt_compat _ (sqrt_pos_lt _ (INR_S_pos t))) as N.
  assert (Q : s * C <= sqrt (v (S t))) by (apply le_sqrt_of; nra). pose proof (sqrt_pos_lt _ VP) as RV.
  assert (M : alpha / sqrt (INR (S t)) * C * cc t / sqrt (v (S t)) <= u * cc t * / sqrt (INR (S t))).
  { unfold Rdiv at 2. set (y := / sqrt (INR (S t))) in *. apply div_le_of; [exact RV|].
    apply Rle_trans with (u * cc t * y * (s * C)).
    - right. unfold u, Rdiv. field. lra.
    - apply Rmult_le_compat_l; [|exact Q]. pose proof u_range.
      apply Rmult_le_pos; [apply Rmult_le_pos|]; lra. }
  assert (M0 : 0 <= alpha / sqrt (INR (S t)) * C * cc t / sqrt (v (S t))).
  { pose proof (Rinv_0_lt_compat _ RV). unfold Rdiv. repeat apply Rmult_le_pos; lra. }
  set (m := alpha / sqrt (INR (S t)) * C * cc t / sqrt (v (S t))) in *.
  assert (1 - m <= clip (-1) 1 (1 - m)) by (unfold clip; choices; lra). lra.
Qed.
Lemma small_step t w : g t = -1 -> 0 < v (S t) -> 0 < w -> v (S t) <= (1 - b) * w ->
  Rmin 1 (x t + u * cc t * / sqrt (INR (S t) * w)) <= x (S t).
Proof.
  intros G VP W V. pose proof s_positive as S0. pose proof s_square as SS. pose proof b_range as [B _].
  rewrite (adam_moves t VP), G. pose proof (cc_range t) as [Cc _]. pose proof (INR_S_pos t) as N.
  pose proof (sqrt_pos_lt _ N) as RN. pose proof (sqrt_pos_lt _ W) as RW. pose proof (sqrt_pos_lt _ VP) as RV.
  assert (Q : sqrt (v (S t)) <= s * sqrt w).
  { apply sqrt_le_of; [nra|]. replace (s * sqrt w * (s * sqrt w)) with (s * s * (sqrt w * sqrt w)) by ring.
    rewrite SS, sqrt_sqrt by lra. exact V. }
  rewrite sqrt_mult by lra.
  assert (M : u * cc t * / (sqrt (INR (S t)) * sqrt w) <= alpha / sqrt (INR (S t)) * cc t / sqrt (v (S t))).
  { apply le_div_of; [exact RV|]. apply Rle_trans with (u * cc t * / (sqrt (INR (S t)) * sqrt w) * (s * sqrt w)).
    - apply Rmult_le_compat_l; [|exact Q]. pose proof u_range. apply Rmult_le_pos; [apply Rmult_le_pos; lra|].
      left. apply Rinv_0_lt_compat. nra.
    - right. unfold u, Rdiv. field. repeat split; lra. }
  replace (x t - alpha / sqrt (INR (S t)) * -1 * cc t / sqrt (v (S t))) with
    (x t + alpha / sqrt (INR (S t)) * cc t / sqrt (v (S t))) by (unfold Rdiv; ring).
  set (m := alpha / sqrt (INR (S t)) * cc t / sqrt (v (S t))) in *.
  unfold clip, Rmin. choices; destruct (Rle_dec _ _); lra.
Qed.
(* One period from 1: whatever the weights w2, w3 of the small steps' moments, if their roots suffice. *)
Lemma period t w2 w3 (n := INR (S t)) : g t = C -> g (S t) = -1 -> g (S (S t)) = -1 -> x t = 1 -> 0 <= v t ->
  0 < w2 -> 0 < w3 -> v (S (S t)) <= (1 - b) * w2 -> v (S (S (S t))) <= (1 - b) * w3 ->
  / sqrt n <= / sqrt ((n + 1) * w2) + / sqrt ((n + 2) * w3) -> x (S (S (S t))) = 1.
Proof.
  intros G1 G2 G3 X V P2 P3 V2 V3 Roots. pose proof b_range as [B _].
  assert (VP1 : 0 <= v (S t)) by (rewrite v_step; nra).
  assert (VP2 : 0 < v (S (S t))) by (rewrite v_step, G2; nra).
  assert (VP3 : 0 < v (S (S (S t)))) by (rewrite v_step, G3; nra).
  pose proof (large_step t G1 V X) as D. pose proof (small_step (S t) w2 G2 VP2 P2 V2) as U2.
  pose proof (small_step (S (S t)) w3 G3 VP3 P3 V3) as U3.
  assert (N1 : INR (S (S t)) = n + 1) by (unfold n; rewrite (S_INR (S t)); reflexivity).
  assert (N2 : INR (S (S (S t))) = n + 2) by (rewrite (S_INR (S (S t))), N1; ring). rewrite N1 in U2. rewrite N2 in U3.
  fold n in D. pose proof (cc_range t) as [C1 M1]. pose proof (cc_range (S t)) as [C2' M2]. pose proof u_range as U.
  assert (NP : 0 < n) by apply INR_S_pos.
  assert (I2 : 0 < / sqrt ((n + 1) * w2)) by (apply Rinv_0_lt_compat, sqrt_pos_lt; nra).
  assert (I3 : 0 < / sqrt ((n + 2) * w3)) by (apply Rinv_0_lt_compat, sqrt_pos_lt; nra).
  assert (I1 : 0 < / sqrt n) by (apply Rinv_0_lt_compat, sqrt_pos_lt, NP).
  set (y1 := / sqrt n) in *. set (y2 := / sqrt ((n + 1) * w2)) in *. set (y3 := / sqrt ((n + 2) * w3)) in *.
  assert (K1 : 0 < u * cc t) by (apply Rmult_lt_0_compat; lra).
  assert (Q2 : u * cc t * y2 <= u * cc (S t) * y2) by (apply Rmult_le_compat_r; [|apply Rmult_le_compat_l]; lra).
  assert (Q3 : u * cc t * y3 <= u * cc (S (S t)) * y3) by (apply Rmult_le_compat_r; [|apply Rmult_le_compat_l]; lra).
  assert (Q1 : u * cc t * y1 <= u * cc t * y2 + u * cc t * y3).
  { rewrite <- Rmult_plus_distr_l. apply Rmult_le_compat_l; lra. }
  assert (Z3 : 0 <= u * cc t * y3) by (apply Rmult_le_pos; lra).
  pose proof (stays_inside (S (S (S t)))). unfold Rmin in U2, U3. repeat destruct (Rle_dec _ _); lra.
Qed.
Lemma gradients_at j : g (3 * j) = C /\ g (S (3 * j)) = -1 /\ g (S (S (3 * j))) = -1.
Proof.
  unfold g, gradients, every_third. cbn [gradient].
  replace (3 * j)%nat with (0 + j * 3)%nat by lia.
  replace (S (0 + j * 3)) with (1 + j * 3)%nat by lia. replace (S (1 + j * 3)) with (2 + j * 3)%nat by lia.
  rewrite !Nat.mod_add by lia. repeat split; reflexivity.
Qed.
Lemma periods j : x (3 * j) = 1 /\ 0 <= v (3 * j) <= C ^ 2.
Proof.
  pose proof b_range as [B BC]. assert (C4 : 4 <= C ^ 2) by nra.
  induction j as [|j [X V]]; [split; [exact X1 | unfold v; simpl; nra]|].
  destruct (gradients_at j) as (G1 & G2 & G3). replace (3 * S j)%nat with (S (S (S (3 * j)))) by lia.
  set (t := (3 * j)%nat) in *. pose proof (v_step t) as E1. rewrite G1 in E1.
  pose proof (v_step (S t)) as E2. rewrite G2 in E2. pose proof (v_step (S (S t))) as E3. rewrite G3 in E3.
  assert (L1 : 0 <= v (S t) <= C ^ 2) by nra.
  assert (L2 : 0 <= v (S (S t)) <= 2 * (1 - b)) by nra.
  assert (L3 : 0 <= v (S (S (S t))) <= (1 - b) * (1 + 2 * b)) by nra.
  split; [|nra].
  destruct j as [|j].
  - change t with 0%nat in *. assert (V0 : v 0 = 0) by reflexivity. rewrite V0 in E1.
    assert (W2 : v 2 <= (1 - b) * (2 - b)) by nra. assert (W3 : v 3 <= (1 - b) * (1 + 2 * b - b ^ 2)) by nra.
    apply (period 0 (2 - b) (1 + 2 * b - b ^ 2) G1 G2 G3 X (proj1 V)); [lra | nra | exact W2 | exact W3 |].
    change (INR 1) with 1. rewrite sqrt_1, Rinv_1. replace ((1 + 1) * (2 - b)) with (2 * (2 - b)) by ring.
    replace ((1 + 2) * (1 + 2 * b - b ^ 2)) with (3 * (1 + 2 * b - b ^ 2)) by ring. apply first_roots. lra.
  - apply (period t 2 (1 + 2 * b) G1 G2 G3 X (proj1 V)); [lra | lra | lra | lra |].
    assert (4 <= INR (S t)).
    { replace 4 with (INR 4) by (simpl; ring). apply le_INR. unfold t. lia. }
    replace ((INR (S t) + 1) * 2) with (2 * (INR (S t) + 1)) by ring.
    replace ((INR (S t) + 2) * (1 + 2 * b)) with ((1 + 2 * b) * (INR (S t) + 2)) by ring.
    apply later_roots; lra.
Qed.
Lemma period_regret j : INR j * (2 * C - 4) <= regret r unit_box (every_third C) x1 (fun _ => -1) (3 * j).
Proof.
  assert (T : forall t, loss (every_third C) t (theta (run r unit_box (every_third C) x1 t))
    - loss (every_third C) t (fun _ => -1) = g t * (x t + 1)).
  { intros t. unfold g, gradients, x, iterates, every_third. cbn [loss gradient]. destruct (Nat.eqb (t mod 3) 0); ring. }
  induction j as [|j IH]; [unfold regret; simpl; lra|]. destruct (gradients_at j) as (G1 & G2 & G3). destruct (periods j) as [X _].
  replace (3 * S j)%nat with (S (S (S (3 * j)))) by lia. unfold regret in *. rewrite !sum_S, !T, G1, G2, G3, X, S_INR.
  pose proof (stays_inside (S (3 * j))). pose proof (stays_inside (S (S (3 * j)))). lra.
Qed.
End Run.

Theorem C_reddi_proof : C_reddi.
Proof.
  intros o C x1 j C2 Sc B1 B2 E0 A X1. split.
  - apply (periods o C x1 C2 Sc B1 E0 B2 A X1 j).
  - apply (period_regret o C x1 C2 Sc B1 E0 B2 A X1 j).
Qed.

(* ---- The printed step that fails: distances 0, 1, 0, 1 ... with coefficients 0, 1/2, 0, 1/2 ... *)
Theorem R8b_refuted_proof : R8b_refuted.
Proof.
  exists (fun t => if Nat.even t then 0 else 1 / 2), (1 / 2), (fun t => if Nat.even t then 0 else 1), 6%nat.
  split; [lra|]. split; [intros t; destruct (Nat.even t); lra|]. split; [intros t; destruct (Nat.even t); lra|].
  simpl. split; lra.
Qed.
