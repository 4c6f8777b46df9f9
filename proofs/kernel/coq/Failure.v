(* Proof of R6: the capped window goes to the worst point. The moment tends to a periodic limit, so do the pushes
   g/(sqrt(G) + eps); momentum adds differences of a bounded sequence; Drift.v takes the iterate to the top. *)
From Coq Require Import Reals Lra Lia Psatz.
From Kernel Require Import Model Generated Base Statements Runs Window Regret Limits Drift.
Open Scope R_scope.

(* ---- The periodic limit of the second moment *)
Lemma mod_next t kk : (1 <= kk)%nat ->
  (S t mod kk = 0 /\ t mod kk = kk - 1 \/ S t mod kk = S (t mod kk) /\ S (t mod kk) < kk)%nat.
Proof.
  intros K. pose proof (Nat.div_mod t kk ltac:(lia)) as D. pose proof (Nat.mod_upper_bound t kk ltac:(lia)) as U.
  destruct (Nat.eq_dec (S (t mod kk)) kk) as [E|E].
  - left. split; [|lia]. symmetry. apply (Nat.mod_unique _ _ (S (t / kk))); [lia|]. rewrite Nat.mul_succ_r. lia.
  - right. split; [|lia]. symmetry. apply (Nat.mod_unique _ _ (t / kk)); lia.
Qed.
Section Limit.
Variables (C : R) (kk : nat) (delta : R).
Hypothesis (K : (2 <= kk)%nat) (CK : 1 <= C) (De : 1 <= delta).
Let q := 1 - 1 / delta.
Definition spike_gradient (t : nat) : R := if spiked kk t then C else -1.
Definition limit_at (t : nat) : R := limit_moment C kk delta (t mod kk).
Lemma q_range : 0 <= q < 1.
Proof.
  assert (0 < 1 / delta <= 1) by (split; [apply Rdiv_lt_0_compat | apply div_le_of]; lra). unfold q. lra.
Qed.
Lemma q_power n : 0 <= q ^ S n <= q.
Proof. pose proof q_range as Q. simpl. pose proof (power_range q n ltac:(lra)). nra. Qed.
Let G0 := (q * (1 - q ^ (kk - 1)) + C ^ 2 / delta) / (1 - q ^ kk).
Lemma G0_equation : G0 = q * (q ^ (kk - 1) * G0 + (1 - q ^ (kk - 1))) + (1 - q) * C ^ 2.
Proof.
  assert (E : q ^ kk = q * q ^ (kk - 1)) by (replace kk with (S (kk - 1)) at 1 by lia; reflexivity).
  pose proof (q_power (kk - 1)) as P. replace (S (kk - 1)) with kk in P by lia. pose proof q_range.
  assert (N : 1 - q ^ kk <> 0) by lra.
  assert (M : G0 * (1 - q ^ kk) = q * (1 - q ^ (kk - 1)) + C ^ 2 / delta) by (unfold G0; field; split; [lra | exact N]).
  assert (C ^ 2 / delta = (1 - q) * C ^ 2) as D by (unfold q; field; lra). rewrite D in M. rewrite E in M. lra.
Qed.
Lemma limit_step t : limit_at (S t) = q * limit_at t + (1 - q) * (spike_gradient (S t) * spike_gradient (S t)).
Proof.
  unfold limit_at, spike_gradient, spiked, limit_moment. fold q G0.
  destruct (mod_next t kk ltac:(lia)) as [[-> ->]|[E L]].
  - rewrite Nat.eqb_refl. simpl pow at 1 2. rewrite G0_equation at 1. ring.
  - rewrite E. rewrite (proj2 (Nat.eqb_neq _ _)) by lia. simpl. ring.
Qed.
Lemma limit_ge1 t : 1 <= limit_at t.
Proof.
  assert (1 <= G0).
  { pose proof G0_equation as E. pose proof q_range. pose proof (power_range q (kk - 1) ltac:(lra)) as P.
    set (w := q ^ (kk - 1)) in *. assert (0 <= q * w <= q) by nra. assert (1 <= C ^ 2) by nra.
    assert (0 <= (1 - q) * (C ^ 2 - 1)) by nra. assert (G0 * (1 - q * w) >= 1 - q * w) by lra. nra. }
  unfold limit_at, limit_moment. fold q G0. pose proof (power_range q (t mod kk)). pose proof q_range. nra.
Qed.
Lemma spike_gradient_size t : Rabs (spike_gradient t) <= C.
Proof. unfold spike_gradient. destruct (spiked kk t); [rewrite Rabs_pos_eq; lra | rewrite Rabs_left; lra]. Qed.
Lemma periodic f t : (fun t => f (t mod kk)%nat) (t + kk)%nat = f (t mod kk)%nat :> R.
Proof. simpl. f_equal. replace (t + kk)%nat with (t + 1 * kk)%nat by lia. apply Nat.mod_add. lia. Qed.
End Limit.

(* 1/(sqrt(x) + e) is Lipschitz near 1 and above. *)
Lemma quotient_close g x y e C : 0 <= e -> 1 <= y -> 1 / 4 <= x -> Rabs g <= C ->
  Rabs (g / (sqrt x + e) - g / (sqrt y + e)) <= 2 * C * Rabs (x - y).
Proof.
  intros E Y X G. assert (S1 : 1 <= sqrt y) by (apply le_sqrt_of; lra).
  assert (S2 : 1 / 2 <= sqrt x) by (apply le_sqrt_of; lra).
  pose proof (sqrt_sqrt x ltac:(lra)) as EX. pose proof (sqrt_sqrt y ltac:(lra)) as EY.
  set (r := sqrt x) in *. set (s := sqrt y) in *.
  replace (g / (r + e) - g / (s + e)) with (g * (y - x) * / ((r + e) * (s + e) * (r + s)))
    by (rewrite <- EX, <- EY; field; repeat split; lra).
  rewrite !Rabs_mult, (Rabs_minus_sym y x). pose proof (Rabs_pos g). pose proof (Rabs_pos (x - y)).
  assert (1 / 2 <= (r + e) * (s + e) * (r + s)).
  { assert (1 / 2 <= (r + e) * (s + e)) by nra. nra. }
  set (w := (r + e) * (s + e) * (r + s)) in *. assert (0 < / w <= 2).
  { split; [apply Rinv_0_lt_compat; lra|]. replace 2 with (/ (1 / 2)) by field. apply Rinv_le_contravar; lra. }
  rewrite (Rabs_pos_eq (/ w)) by lra.
  apply Rle_trans with (C * Rabs (x - y) * 2); [|lra]. apply Rmult_le_compat; try lra; [apply Rmult_le_pos; lra|].
  apply Rmult_le_compat_r; lra.
Qed.

(* ---- The run on the spiked losses *)
Section Run.
Variables (o : Dwmgrad.options) (x1 : point) (C : R) (kk : nat) (delta : R).
Hypothesis (V : window_options o) (St : step_options o) (Mo : momentum_options o) (Sc : sqrt_schedule o).
Hypothesis (Si : signal_loss o) (De : Dwmgrad.o_delta o = Finite delta) (X1 : -1 <= x1 0%nat <= 1).
Hypothesis (K : (2 <= kk)%nat) (CK : INR kk - 1 < C).
Let r := Dwmgrad.rule o.
Let l := losses r unit_box (spikes C kk) x1.
Let x := iterates r unit_box (spikes C kk) x1 0.
Let g := gradients r unit_box (spikes C kk) x1 0.
Let alpha := Dwmgrad.o_alpha o.
Let eps := Dwmgrad.o_eps o.
Let gamma := Dwmgrad.o_gamma o.
Let a t := alpha / sqrt (INR (S t)).
Let G := moment o l x g.
Let q := 1 - 1 / delta.
Let limit := limit_at C kk delta.

Lemma C_ge1 : 1 <= C.
Proof. apply (le_INR 2) in K. simpl in K. lra. Qed.
Lemma delta_ge1 : 1 <= delta.
Proof. destruct V as (_ & _ & B). unfold below_cap in B. rewrite De in B. exact B. Qed.
Lemma gradient_is t : g t = spike_gradient C kk t.
Proof. reflexivity. Qed.
Lemma inside t : -1 <= x t <= 1.
Proof.
  apply (run_in_box r 1 (fun _ => -1) (fun _ => 1) (spikes C kk) x1 t); [|lia].
  intros i I. replace i with 0%nat by lia. exact X1.
Qed.
Lemma losses_are_positive : positive l.
Proof.
  intros t. pose proof (inside t) as I. pose proof C_ge1 as C1. unfold l, losses. simpl. fold (x t).
  change (theta (run r unit_box (spikes C kk) x1 t) 0%nat) with (x t). destruct (spiked kk t); nra.
Qed.
Lemma window_full : exists N, forall t, (N <= t)%nat -> window o l t = delta.
Proof.
  destruct (some_nat delta) as [N HN]. exists N. intros t L.
  rewrite W2_saturation_proof by (assumption || apply losses_are_positive). unfold capped. rewrite De.
  apply Rmin_right. apply le_INR in L. destruct V as [W _]. lra.
Qed.
(* The moment tends to the periodic limit, by a factor q a step. *)
Lemma moment_settles e : 0 < e -> exists N, forall t, (N <= t)%nat -> Rabs (G (S t) - limit t) <= e.
Proof.
  intros E. destruct window_full as [N HN]. pose proof (q_range delta delta_ge1) as Q. fold q in Q.
  assert (Geo : forall n, G (S (N + n)) - limit (N + n)%nat = q ^ n * (G (S N) - limit N)).
  { induction n as [|n IH]; [rewrite Nat.add_0_r; simpl; ring|]. rewrite Nat.add_succ_r.
    unfold limit. rewrite limit_step by (assumption || apply C_ge1 || apply delta_ge1). fold q limit.
    unfold G at 1. rewrite moment_step, HN by lia. fold (G (S (N + n))). rewrite gradient_is.
    replace (/ delta) with (1 - q) by (unfold q; pose proof delta_ge1; field; lra). simpl pow.
    rewrite Rmult_assoc, <- IH. ring. }
  set (D := Rabs (G (S N) - limit N)) in *. assert (0 <= D) by apply Rabs_pos.
  destruct (power_vanishes q (e / (D + 1)) Q ltac:(apply Rdiv_lt_0_compat; lra)) as [M HM].
  exists (N + M)%nat. intros t L. replace t with (N + (t - N))%nat by lia. rewrite Geo, Rabs_mult. fold D.
  specialize (HM (t - N)%nat ltac:(lia)). pose proof (power_range q (t - N) ltac:(lra)) as P. rewrite Rabs_pos_eq by lra.
  apply Rle_trans with (e / (D + 1) * (D + 1)); [|right; field; lra]. nra.
Qed.
(* So do the pushes. *)
Let push t := g t / (sqrt (G (S t)) + eps).
Let push_limit t := g t / (sqrt (limit t) + eps).
Lemma push_settles e : 0 < e -> exists N, forall t, (N <= t)%nat -> Rabs (push t - push_limit t) <= e.
Proof.
  intros E. pose proof C_ge1 as C1. assert (P : 0 < e / (2 * C)) by (apply Rdiv_lt_0_compat; lra).
  assert (P' : 0 < Rmin (3 / 4) (e / (2 * C))) by (apply Rmin_glb_lt; lra).
  destruct (moment_settles _ P') as [N HN]. exists N. intros t L. specialize (HN t L).
  pose proof (Rmin_l (3 / 4) (e / (2 * C))). pose proof (Rmin_r (3 / 4) (e / (2 * C))).
  pose proof (limit_ge1 C kk delta K C1 delta_ge1 t) as L1. fold (limit t) in L1.
  assert (Q : 1 / 4 <= G (S t)) by (apply abs_le in HN; lra).
  eapply Rle_trans; [apply (quotient_close (g t) (G (S t)) (limit t) eps C); try assumption|].
  - apply St.
  - rewrite gradient_is. apply spike_gradient_size; [exact C1].
  - apply Rle_trans with (2 * C * (e / (2 * C))); [apply Rmult_le_compat_l; lra | right; field; lra].
Qed.
Lemma push_limit_size t : Rabs (push_limit t) <= C.
Proof.
  pose proof C_ge1 as C1. pose proof (limit_ge1 C kk delta K C1 delta_ge1 t) as L1. fold (limit t) in L1.
  assert (1 <= sqrt (limit t)) by (apply le_sqrt_of; lra). assert (0 <= eps) by apply St.
  unfold push_limit, Rdiv. rewrite Rabs_mult, gradient_is. pose proof (spike_gradient_size C kk C1 t) as B.
  set (s := sqrt (limit t) + eps) in *. assert (0 < / s <= 1).
  { split; [apply Rinv_0_lt_compat; unfold s; lra|]. rewrite <- Rinv_1. apply Rinv_le_contravar; unfold s; lra. }
  rewrite (Rabs_pos_eq (/ s)) by lra. pose proof (Rabs_pos (spike_gradient C kk t)). nra.
Qed.

(* Momentum: b_t = V_t/alpha_t follows b_t = gamma rho_t b_{t-1} + push_t, rho_t = alpha_{t-1}/alpha_t -> 1. *)
Let b t := velocity o l x g (S t) / a t.
Lemma a_is t : step_size o l (S t) = a t.
Proof. apply dwmgrad_step_size_sqrt, Sc. Qed.
Lemma a_positive t : 0 < a t.
Proof. apply a_pos, St. Qed.
Lemma moves t : x (S t) = clip (-1) 1 (x t + a t * - b t).
Proof.
  assert (E : x (S t) = clip (-1) 1 (x t - velocity o l x g (S t))) by apply (dwmgrad_theta o unit_box (spikes C kk) x1 0 t).
  rewrite E. f_equal. unfold b. pose proof (a_positive t). field. lra.
Qed.
Lemma momentum_full : exists N, forall t, (N <= t)%nat -> momentum o l (S t) = gamma.
Proof.
  destruct window_full as [N HN]. exists N. intros t L. rewrite momentum_form, De, HN by lia. fold gamma.
  destruct (Dwmgrad.o_momentum o); [pose proof delta_ge1; field; lra | reflexivity].
Qed.
Lemma b_step t : b (S t) = momentum o l (S (S t)) * (a t / a (S t)) * b t + push (S t).
Proof.
  unfold b. rewrite velocity_step, a_is. pose proof (a_positive t). pose proof (a_positive (S t)).
  unfold push. fold (G (S (S t))) eps. unfold Rdiv. rewrite Rmult_plus_distr_r.
  f_equal; [field; lra|]. replace (a (S t) * g (S t) * / (sqrt (G (S (S t))) + eps) * / a (S t))
    with (a (S t) * / a (S t) * (g (S t) * / (sqrt (G (S (S t))) + eps))) by ring. rewrite Rinv_r by lra. ring.
Qed.
(* 0 <= rho_t - 1 <= 2/t *)
Lemma ratio_near_one t : 0 <= a t / a (S t) - 1 <= 2 / INR (S t).
Proof.
  pose proof (a_positive t) as P. pose proof (a_positive (S t)) as P'. pose proof (INR_S_pos t) as N.
  assert (A : 0 < alpha) by apply St.
  assert (Dc : a (S t) <= a t) by apply (a_decreases alpha A t).
  assert (Sl : (a t - a (S t)) * INR (S t) <= a t) by apply (a_slowly alpha A t).
  assert (Half : a t <= 2 * a (S t)).
  { unfold a. pose proof (sqrt_pos_lt _ N) as R0. pose proof (sqrt_pos_lt _ (INR_S_pos (S t))) as R1.
    apply div_le_of; [exact R0|]. replace (2 * (alpha / sqrt (INR (S (S t)))) * sqrt (INR (S t)))
      with (alpha * (2 * sqrt (INR (S t))) / sqrt (INR (S (S t)))) by (field; lra).
    apply le_div_of; [exact R1|]. apply Rmult_le_compat_l; [lra|]. apply sqrt_le_of; [lra|].
    replace (2 * sqrt (INR (S t)) * (2 * sqrt (INR (S t)))) with (4 * (sqrt (INR (S t)) * sqrt (INR (S t)))) by ring.
    rewrite sqrt_sqrt by lra. rewrite (S_INR (S t)). pose proof (INR_S_ge1 t). lra. }
  split.
  - assert (1 <= a t / a (S t)) by (apply le_div_of; lra). lra.
  - apply le_div_of; [exact N|]. replace ((a t / a (S t) - 1) * INR (S t)) with ((a t - a (S t)) * INR (S t) / a (S t))
      by (field; lra). apply div_le_of; [exact P'|]. lra.
Qed.
Lemma ratio_settles e : 0 < e -> exists N, forall t, (N <= t)%nat -> a t / a (S t) - 1 <= e.
Proof.
  intros E. destruct (some_nat (2 / e)) as [N HN]. exists N. intros t L.
  pose proof (ratio_near_one t) as [_ R]. eapply Rle_trans; [exact R|]. apply div_le_of; [apply INR_S_pos|].
  assert (INR N <= INR (S t)) by (apply le_INR; lia). assert (2 = e * (2 / e)) by (field; lra). nra.
Qed.
Lemma b_bounded : exists B N, 0 <= B /\ forall t, (N <= t)%nat -> Rabs (b t) <= B.
Proof.
  destruct momentum_full as [N1 H1]. destruct Mo as [G0 G1]. fold gamma in G0, G1. pose proof C_ge1 as C1.
  destruct (ratio_settles ((1 - gamma) / 2) ltac:(lra)) as [N2 H2].
  destruct (push_settles 1 ltac:(lra)) as [N3 H3].
  set (N := (N1 + N2 + N3)%nat). set (B := Rabs (b N) + 2 * (C + 1) / (1 - gamma)).
  assert (BP : 2 * (C + 1) <= B * (1 - gamma)).
  { unfold B. pose proof (Rabs_pos (b N)). replace (2 * (C + 1)) with (2 * (C + 1) / (1 - gamma) * (1 - gamma)) at 1
      by (field; lra). apply Rmult_le_compat_r; lra. }
  assert (B0 : 0 <= B) by nra. exists B, N. split; [exact B0|]. intros t L. induction L as [|t L IH].
  - unfold B. assert (0 <= 2 * (C + 1) / (1 - gamma)) by (apply div_nonneg; lra). lra.
  - rewrite b_step, H1 by lia. pose proof (ratio_near_one t) as [R0 _]. specialize (H2 t ltac:(lia)).
    specialize (H3 (S t) ltac:(lia)). pose proof (push_limit_size (S t)) as PL.
    assert (P : Rabs (push (S t)) <= C + 1).
    { replace (push (S t)) with (push_limit (S t) + (push (S t) - push_limit (S t))) by ring.
      eapply Rle_trans; [apply Rabs_triang | lra]. }
    eapply Rle_trans; [apply Rabs_triang|]. rewrite Rabs_mult, Rabs_pos_eq by nra.
    set (rho := a t / a (S t)) in *. assert (gamma * rho <= (1 + gamma) / 2) by nra.
    pose proof (Rabs_pos (b t)). apply Rle_trans with ((1 + gamma) / 2 * B + (C + 1)); [|nra].
    apply Rplus_le_compat; [|exact P]. apply Rmult_le_compat; nra.
Qed.

(* The periodic part of the correction: partial sums of the pushes' deviation from their mean. *)
Let mean := drift C kk delta eps / ((1 - gamma) * INR kk).
Let wave t := - push_limit t / (1 - gamma) - mean.
Lemma wave_bounded : exists F, 0 <= F /\ forall t, Rabs (sum wave t) <= F.
Proof.
  apply (periodic_bounded wave kk ltac:(lia)).
  - intros t. unfold wave, push_limit, limit, limit_at, g, gradients, spikes, spiked. simpl.
    replace (t + kk)%nat with (t + 1 * kk)%nat by lia. rewrite Nat.mod_add by lia. reflexivity.
  - destruct Mo as [G0 G1]. fold gamma in G0, G1.
    assert (KP : 0 < INR kk) by (apply lt_0_INR; lia).
    assert (PS : sum push_limit kk = - drift C kk delta eps).
    { replace kk with (S (kk - 1)) at 1 by lia. rewrite sum_head. unfold drift, push_limit, limit, limit_at.
      rewrite !gradient_is. unfold spike_gradient, spiked. rewrite Nat.mod_0_l by lia. simpl Nat.eqb.
      rewrite (sum_ext _ (fun j => -1 * (1 / (sqrt (limit_moment C kk delta (S j)) + eps)))); [rewrite sum_scal; lra|].
      intros j L. rewrite gradient_is. unfold spike_gradient, spiked. rewrite Nat.mod_small by lia. simpl Nat.eqb.
      unfold Rdiv. ring. }
    unfold wave. rewrite (sum_ext _ (fun t => - / (1 - gamma) * push_limit t + - mean * 1)) by (intros; unfold Rdiv; ring).
    rewrite sum_plus, !sum_scal, sum_ones, PS. unfold mean. field. lra.
Qed.

(* The iterate goes to the side of the box that the drift points to. *)
Variable side : R.
Hypothesis (Sd : side = 1 \/ side = -1) (Dr : 0 < side * drift C kk delta eps).
Lemma mean_positive : 0 < side * mean.
Proof.
  destruct Mo as [G0 G1]. fold gamma in G0, G1. unfold mean, Rdiv. rewrite <- Rmult_assoc.
  apply Rdiv_lt_0_compat; [exact Dr|]. apply Rmult_lt_0_compat; [lra | apply lt_0_INR; lia].
Qed.
Lemma clip_odd y : clip (-1) 1 (side * y) = side * clip (-1) 1 y.
Proof. unfold clip. destruct Sd as [-> | ->]; choices; lra. Qed.
Lemma abs_side y : Rabs (side * y) = Rabs y.
Proof. destruct Sd as [-> | ->]; rewrite Rabs_mult; [rewrite Rabs_R1|rewrite Rabs_left by lra]; lra. Qed.
Let kappa := gamma / (1 - gamma).
Let correction t := sum wave t + kappa * previous b t.
(* What is left of -b_t after the mean and the correction. *)
Lemma remainder s : momentum o l (S (S s)) = gamma ->
  - b (S s) - (mean + correction (S (S s)) - correction (S s)) =
  - (push (S s) - push_limit (S s)) / (1 - gamma) - kappa * (a s / a (S s) - 1) * b s.
Proof.
  intros M. destruct Mo as [G0 G1]. fold gamma in G0, G1.
  assert (P : push (S s) = b (S s) - gamma * (a s / a (S s)) * b s) by (rewrite b_step, M; ring).
  rewrite P. unfold correction. rewrite (sum_S wave (S s)). cbn [previous]. unfold wave at 2, kappa.
  pose proof (a_positive (S s)). field. split; lra.
Qed.
Lemma to_the_side : exists F T1, 0 <= F /\ forall t, (T1 <= t)%nat -> 1 - F * a t <= side * x t.
Proof.
  set (mean' := side * mean). pose proof mean_positive as MP. fold mean' in MP. destruct Mo as [G0 G1]. fold gamma in G0, G1.
  destruct wave_bounded as [F1 [F1P HF1]]. destruct b_bounded as [B [N1 [BP HB]]].
  destruct momentum_full as [N2 HM]. destruct (push_settles ((1 - gamma) * mean' / 8) ltac:(nra)) as [N3 HP].
  assert (KP : 0 <= kappa) by (apply div_nonneg; lra). assert (KB : 0 <= kappa * B) by (apply Rmult_le_pos; assumption).
  destruct (ratio_settles (mean' / (8 * (kappa * B + 1))) ltac:(apply Rdiv_lt_0_compat; lra)) as [N4 HR].
  set (F := F1 + kappa * B). destruct (some_nat (4 * F / mean')) as [N5 H5].
  set (t0 := S (N1 + N2 + N3 + N4 + N5)).
  destruct (drift_to_the_top alpha ltac:(apply St) (fun t => side * x t) (fun t => side * - b t)
    (fun t => side * correction t) mean' F t0) as [T1 HT]; try assumption.
  - unfold F. lra.
  - intros t. rewrite moves, <- clip_odd. f_equal. unfold a. ring.
  - intros t. pose proof (inside t). destruct Sd as [-> | ->]; lra.
  - intros t L. rewrite abs_side. unfold correction, F. eapply Rle_trans; [apply Rabs_triang|]. apply Rplus_le_compat; [apply HF1|].
    rewrite Rabs_mult, (Rabs_pos_eq kappa) by exact KP. apply Rmult_le_compat_l; [exact KP|].
    destruct t as [|t]; [lia|]. apply HB. lia.
  - intros t L. destruct t as [|s]; [lia|]. unfold mean'.
    replace (side * - b (S s) - (side * mean + side * correction (S (S s)) - side * correction (S s)))
      with (side * (- b (S s) - (mean + correction (S (S s)) - correction (S s)))) by ring.
    rewrite abs_side, remainder by (apply HM; lia). fold mean'.
    specialize (HP (S s) ltac:(lia)). specialize (HR s ltac:(lia)). specialize (HB s ltac:(lia)).
    pose proof (ratio_near_one s) as [R0 _]. unfold Rminus at 1. eapply Rle_trans; [apply Rabs_triang|].
    rewrite Rabs_Ropp. unfold Rdiv at 1. rewrite !Rabs_mult, Rabs_Ropp.
    rewrite (Rabs_pos_eq (/ (1 - gamma))) by (left; apply Rinv_0_lt_compat; lra).
    rewrite (Rabs_pos_eq kappa), (Rabs_pos_eq (a s / a (S s) - 1)) by assumption.
    assert (Rabs (push (S s) - push_limit (S s)) * / (1 - gamma) <= mean' / 8).
    { apply (Rmult_le_compat_r (/ (1 - gamma))) in HP; [|left; apply Rinv_0_lt_compat; lra].
      eapply Rle_trans; [exact HP | right; field; lra]. }
    assert (kappa * (a s / a (S s) - 1) * Rabs (b s) <= mean' / 8).
    { pose proof (Rabs_pos (b s)). set (rho := a s / a (S s) - 1) in *.
      apply Rle_trans with (kappa * rho * B); [apply Rmult_le_compat_l; [apply Rmult_le_pos|]; assumption|].
      apply Rle_trans with (kappa * B * (mean' / (8 * (kappa * B + 1)))); [nra|].
      replace (mean' / 8) with ((kappa * B + 1) * (mean' / (8 * (kappa * B + 1)))) by (field; lra).
      apply Rmult_le_compat_r; [apply div_nonneg; lra | lra]. }
    lra.
  - assert (INR N5 <= INR (S t0)) by (apply le_INR; unfold t0; lia).
    assert (4 * F = mean' * (4 * F / mean')) by (field; lra). nra.
  - exists (3 * F), T1. split; [unfold F; lra | exact HT].
Qed.
Lemma tends_to_side : tends_to x side.
Proof.
  destruct to_the_side as [F [T1 [FP H]]]. intros e E.
  destruct (a_vanishes alpha (e / (F + 1)) ltac:(apply Rdiv_lt_0_compat; lra)) as [N HN].
  exists (T1 + N)%nat. intros t L. specialize (H t ltac:(lia)). specialize (HN t ltac:(lia)).
  change (a t <= e / (F + 1)) in HN. pose proof (inside t) as I. pose proof (a_positive t).
  assert (F * a t <= e).
  { apply Rle_trans with (F * (e / (F + 1))); [apply Rmult_le_compat_l; assumption|].
    apply Rle_trans with ((F + 1) * (e / (F + 1))); [|right; field; lra].
    apply Rmult_le_compat_r; [apply div_nonneg|]; lra. }
  apply Rabs_le. destruct Sd as [-> | ->]; lra.
Qed.

(* ---- The regret *)
Let slope := (C - INR kk + 1) / INR kk.
Lemma gradients_bounded : exists B, forall T, Rabs (sum (fun t => g t - slope) T) <= B.
Proof.
  destruct (periodic_bounded (fun t => g t - slope) kk ltac:(lia)) as [B [_ H]]; [| |exists B; exact H].
  - intros t. rewrite !gradient_is. unfold spike_gradient, spiked.
    replace (t + kk)%nat with (t + 1 * kk)%nat by lia. rewrite Nat.mod_add by lia. reflexivity.
  - assert (KP : 0 < INR kk) by (apply lt_0_INR; lia).
    rewrite (sum_ext _ (fun t => g t + - slope * 1)) by (intros; ring).
    rewrite sum_plus, sum_scal, sum_ones. replace kk with (S (kk - 1)) at 1 by lia. rewrite sum_head.
    rewrite !gradient_is. unfold spike_gradient at 1, spiked. rewrite Nat.mod_0_l by lia. simpl Nat.eqb.
    rewrite (sum_ext _ (fun j => -1 * 1)).
    + rewrite sum_scal, sum_ones, minus_INR by lia. unfold slope. simpl INR. field. lra.
    + intros j L. rewrite gradient_is. unfold spike_gradient, spiked. rewrite Nat.mod_small by lia.
      change (Nat.eqb (S j) 0) with false. cbv iota. ring.
Qed.
(* From the bottom every step's regret vanishes; from the top 2 g_t is left of it, with mean 2 slope. *)
Lemma regret_step t : loss (spikes C kk) t (theta (run r unit_box (spikes C kk) x1 t)) - loss (spikes C kk) t (fun _ => -1)
  = g t * (x t + 1).
Proof.
  rewrite gradient_is. unfold spike_gradient. simpl loss.
  change (theta (run r unit_box (spikes C kk) x1 t) 0%nat) with (x t). destruct (spiked kk t); ring.
Qed.
Lemma gap_vanishes : tends_to (fun t => g t * (x t - side)) 0.
Proof.
  pose proof C_ge1 as C1. intros e E.
  destruct (tends_to_side (e / C) ltac:(apply Rdiv_lt_0_compat; lra)) as [N HN]. exists N. intros t L.
  rewrite Rminus_0_r, Rabs_mult. specialize (HN t L). rewrite gradient_is.
  pose proof (spike_gradient_size C kk C1 t). pose proof (Rabs_pos (x t - side)). pose proof (Rabs_pos (spike_gradient C kk t)).
  apply Rle_trans with (C * (e / C)); [apply Rmult_le_compat; assumption | right; field; lra].
Qed.
Lemma regret_form T : regret r unit_box (spikes C kk) x1 (fun _ => -1) T =
  (side + 1) * slope * INR T + (side + 1) * sum (fun t => g t - slope) T + sum (fun t => g t * (x t - side)) T.
Proof.
  unfold regret. induction T as [|T IH]; [simpl; ring|]. rewrite !sum_S, IH, S_INR, regret_step. ring.
Qed.
Lemma regret_rate : tends_to (fun T => regret r unit_box (spikes C kk) x1 (fun _ => -1) T / INR T) ((side + 1) * slope).
Proof.
  destruct gradients_bounded as [B HB]. intros e E.
  destruct (bounded_mean _ B HB (e / 4) ltac:(lra)) as [N1 H1].
  destruct (mean_vanishes _ gap_vanishes (e / 2) ltac:(lra)) as [N2 H2]. exists (S (N1 + N2)). intros T L.
  specialize (H1 T ltac:(lia)). specialize (H2 T ltac:(lia)). rewrite Rminus_0_r in H1, H2.
  assert (P : 0 < INR T) by (apply lt_0_INR; lia).
  rewrite regret_form. set (A := sum (fun t => g t - slope) T) in *. set (D := sum (fun t => g t * (x t - side)) T) in *.
  replace (((side + 1) * slope * INR T + (side + 1) * A + D) / INR T - (side + 1) * slope)
    with ((side + 1) * (A / INR T) + D / INR T) by (field; lra).
  apply abs_le in H1. apply abs_le in H2. apply Rabs_le. destruct Sd as [-> | ->]; lra.
Qed.
End Run.

Theorem R6_failure_proof : R6_failure.
Proof.
  intros o x1 C kk delta p V St Mo Sc Si De X1 K CK Dr.
  assert (D1 : 0 < 1 * drift C kk delta (Dwmgrad.o_eps o)) by lra. pose proof (or_introl eq_refl : 1 = 1 \/ 1 = -1) as Sd.
  split; [|split].
  - destruct (to_the_side o x1 C kk delta V St Mo Sc Si De X1 K CK 1 Sd D1) as [F [T1 [_ H]]].
    exists (F * Dwmgrad.o_alpha o), T1. intros t L. specialize (H t L). unfold Rdiv in *.
    rewrite Rmult_1_l in H. rewrite Rmult_assoc. exact H.
  - exact (tends_to_side o x1 C kk delta V St Mo Sc Si De X1 K CK 1 Sd D1).
  - pose proof (regret_rate o x1 C kk delta V St Mo Sc Si De X1 K CK 1 Sd D1) as Q.
    replace (2 * (C - INR kk + 1) / INR kk) with ((1 + 1) * ((C - INR kk + 1) / INR kk)); [exact Q|].
    field. apply not_0_INR. lia.
Qed.
Theorem R6_converse_proof : R6_converse.
Proof.
  intros o x1 C kk delta p V St Mo Sc Si De X1 K CK Dr.
  assert (D1 : 0 < -1 * drift C kk delta (Dwmgrad.o_eps o)) by lra. pose proof (or_intror eq_refl : -1 = 1 \/ -1 = -1) as Sd.
  split.
  - exact (tends_to_side o x1 C kk delta V St Mo Sc Si De X1 K CK (-1) Sd D1).
  - pose proof (regret_rate o x1 C kk delta V St Mo Sc Si De X1 K CK (-1) Sd D1) as Q.
    replace ((-1 + 1) * ((C - INR kk + 1) / INR kk)) with 0 in Q by ring. exact Q.
Qed.

(* -1 is the best point of the box after every number of steps: the gradients' sum never falls below 0. *)
Lemma gradients_sum C kk t : (2 <= kk)%nat -> INR kk - 1 < C ->
  C - INR (t mod kk) <= sum (spike_gradient C kk) (S t).
Proof.
  intros K CK. induction t as [|t IH].
  - rewrite Nat.mod_0_l by lia. simpl. unfold spike_gradient, spiked. rewrite Nat.mod_0_l by lia. simpl. lra.
  - rewrite sum_S. unfold spike_gradient at 2, spiked. destruct (mod_next t kk ltac:(lia)) as [[E F]|[E L]]; rewrite E.
    + rewrite F in IH. rewrite minus_INR in IH by lia. simpl INR in *. rewrite Nat.eqb_refl. lra.
    + rewrite (proj2 (Nat.eqb_neq _ _)) by lia. rewrite S_INR. lra.
Qed.
Theorem R6_best_point_proof : R6_best_point.
Proof.
  intros C kk T v K CK Vv. assert (S0 : 0 <= sum (spike_gradient C kk) T).
  { destruct T as [|t]; [simpl; lra|]. pose proof (gradients_sum C kk t K CK).
    assert (INR (t mod kk) <= INR kk - 1); [|lra]. pose proof (Nat.mod_upper_bound t kk ltac:(lia)) as U.
    replace (INR kk - 1) with (INR (kk - 1)) by (rewrite minus_INR by lia; reflexivity). apply le_INR. lia. }
  assert (E : sum (fun t => loss (spikes C kk) t (fun _ => v)) T - sum (fun t => loss (spikes C kk) t (fun _ => -1)) T
    = (v + 1) * sum (spike_gradient C kk) T).
  { clear S0. induction T as [|T IH]; [simpl; ring|]. rewrite !sum_S. rewrite Rmult_plus_distr_l, <- IH.
    unfold spike_gradient, spikes. cbn [loss]. destruct (spiked kk T); ring. }
  assert (0 <= (v + 1) * sum (spike_gradient C kk) T) by (apply Rmult_le_pos; lra). lra.
Qed.
