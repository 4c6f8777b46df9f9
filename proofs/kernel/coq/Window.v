(* Proofs of W1 - W8: the window, the second moment, the potential condition. *)
From Coq Require Import Reals Lra Lia Psatz FunctionalExtensionality.
From Kernel Require Import Model Generated Base Statements Runs.
Open Scope R_scope.
Import Dwmgrad.

(* ---- One step of the window *)
Section Step.
Variables (o : options) (l : nat -> R).
Let after t := shared_after (rule o) l t.

Lemma window_start : window o l 0 = o_omega0 o.
Proof. reflexivity. Qed.

(* The window widens, up to the cap, exactly when the sum of the signal is positive. *)
Lemma window_step t : window o l (S t) =
  if_greater (sum_of_signal o l t) 0 (capped o (window o l t + 1)) (Rmax (window o l t - 1) 1).
Proof.
  unfold window, sum_of_signal, capped. simpl. unfold next_omega, next_beta, next_s.
  destruct o as [a ga [de|] w0 ep si re sc mo epo gu th]; destruct si, re; simpl;
    unfold if_greater, Rmin, Rmax; repeat destruct (Rlt_dec _ _); repeat destruct (Rle_dec _ _); lra.
Qed.

Lemma window_positive t : 0 < sum_of_signal o l t -> window o l (S t) = capped o (window o l t + 1).
Proof. intros. rewrite window_step. apply if_greater_true. assumption. Qed.
Lemma window_other t : sum_of_signal o l t <= 0 -> window o l (S t) = Rmax (window o l t - 1) 1.
Proof. intros. rewrite window_step. apply if_greater_false. assumption. Qed.

Lemma capped_below w : below_cap o w -> capped o w = w.
Proof. unfold below_cap, capped. destruct (o_delta o); intros; [apply Rmin_left; assumption | reflexivity]. Qed.
Lemma capped_le w : capped o w <= w.
Proof. unfold capped. destruct (o_delta o); [apply Rmin_l | lra]. Qed.
Lemma capped_below_cap w : below_cap o (capped o w).
Proof. unfold below_cap, capped. destruct (o_delta o); [apply Rmin_r | exact I]. Qed.
Lemma capped_ge v w : below_cap o v -> v <= w -> v <= capped o w.
Proof. unfold below_cap, capped. destruct (o_delta o); intros; [apply Rmin_glb | ]; assumption. Qed.
Lemma below_cap_le v w : below_cap o w -> v <= w -> below_cap o v.
Proof. unfold below_cap. destruct (o_delta o); intros; lra. Qed.

(* One step from a window in [0, delta] leads into [1, delta] and moves by at most 1. *)
Lemma window_moves t : below_cap o 1 -> 0 <= window o l t -> below_cap o (window o l t) ->
  1 <= window o l (S t) /\ below_cap o (window o l (S t)) /\ Rabs (window o l (S t) - window o l t) <= 1.
Proof.
  intros One Low Cap. set (w := window o l t) in *.
  destruct (Rlt_le_dec 0 (sum_of_signal o l t)) as [P|N].
  - rewrite (window_positive t P). fold w. pose proof (capped_le (w + 1)) as U.
    pose proof (capped_ge w (w + 1) Cap ltac:(lra)) as V. pose proof (capped_ge 1 (w + 1) One ltac:(lra)) as B.
    repeat split; [lra | apply capped_below_cap | apply Rabs_le; lra].
  - rewrite (window_other t N). fold w. unfold Rmax. destruct (Rle_dec (w - 1) 1).
    + repeat split; [lra | assumption | apply Rabs_le; lra].
    + repeat split; [lra | eapply below_cap_le; [exact Cap | lra] | apply Rabs_le; lra].
Qed.

Hypothesis valid : window_options o.

Lemma window_inside t : 0 <= window o l t /\ below_cap o (window o l t).
Proof.
  destruct valid as (Z & C & B). induction t as [|t [L H]]; [split; assumption|].
  destruct (window_moves t B L H) as (A & Q & _). split; [lra | assumption].
Qed.
Lemma window_bounds t :
  1 <= window o l (S t) /\ below_cap o (window o l (S t)) /\ Rabs (window o l (S t) - window o l t) <= 1.
Proof. destruct (window_inside t). apply window_moves; try assumption. apply valid. Qed.
Lemma window_ge1 t : 1 <= window o l (S t).
Proof. apply window_bounds. Qed.
Lemma window_grows t : window o l (S t) <= window o l t + 1.
Proof. destruct (window_bounds t) as (_ & _ & H). apply abs_le in H. lra. Qed.
Lemma window_le_start t : window o l t <= o_omega0 o + INR t.
Proof.
  induction t as [|t IH]; [rewrite window_start; simpl; lra|]. pose proof (window_grows t). rewrite S_INR. lra.
Qed.
End Step.

Theorem W1_window_proof : W1_window.
Proof. intros o l t H. apply window_bounds. exact H. Qed.

Lemma momentum_form o l t : momentum o l (S t) =
  match o_momentum o, o_delta o with
  | Momentum_tied, Finite delta => o_gamma o * window o l (S t) / delta
  | Momentum_tied, Infinite => 0
  | Momentum_constant, _ => o_gamma o
  end.
Proof. unfold momentum, window. simpl. unfold next_mu. destruct (o_delta o), (o_momentum o); ring. Qed.

Theorem W1_momentum_proof : W1_momentum.
Proof.
  intros o l t V (G & _). rewrite momentum_form. destruct (window_bounds o l V t) as (L & C & _).
  unfold below_cap in C. destruct (o_momentum o), (o_delta o) as [delta|]; try (split; intros; lra || congruence).
  split; [split|intros P _].
  - apply div_nonneg; nra.
  - apply div_le_of; nra.
  - apply Rdiv_lt_0_compat; nra.
Qed.

(* ---- W2 *)
Lemma beta_nonneg o l t : signal_loss o -> positive l -> 0 <= k_beta (shared_after (rule o) l t).
Proof.
  intros E P. unfold signal_loss in E. induction t as [|t IH]; [simpl; unfold start_beta; lra|].
  simpl. unfold next_beta. rewrite E. specialize (P t). destruct (o_reset o); simpl; lra.
Qed.
Lemma signal_positive o l t : signal_loss o -> positive l -> 0 < sum_of_signal o l t.
Proof.
  intros E P. pose proof (beta_nonneg o l t E P). specialize (P t). unfold sum_of_signal, next_s.
  unfold signal_loss in E. rewrite E. lra.
Qed.
Lemma capped_twice o w : capped o (capped o w + 1) = capped o (w + 1).
Proof.
  unfold capped. destruct (o_delta o) as [d|]; [|reflexivity].
  unfold Rmin. repeat destruct (Rle_dec _ _); lra.
Qed.
Theorem W2_saturation_proof : W2_saturation.
Proof.
  intros o l t V E P. induction t as [|t IH].
  - rewrite window_start. simpl. rewrite Rplus_0_r. symmetry. apply capped_below, V.
  - rewrite window_positive by (apply signal_positive; assumption).
    rewrite IH, capped_twice, S_INR. f_equal. lra.
Qed.
Theorem W2_condition_proof : W2_condition.
Proof.
  intros o l t V W0 D. split; [|apply window_positive].
  intros E. destruct (Rlt_le_dec 0 (sum_of_signal o l t)) as [P|N]; [exact P|exfalso].
  rewrite (window_other o l t N) in E. destruct (window_inside o l V t) as [L C].
  assert (0 < window o l t) as W.
  { destruct t; [rewrite window_start; exact W0 | pose proof (window_ge1 o l V t); lra]. }
  unfold capped, below_cap in *. destruct (o_delta o) as [d|].
  - specialize (D d eq_refl). revert E. unfold Rmax, Rmin. repeat destruct (Rle_dec _ _); lra.
  - revert E. unfold Rmax. destruct (Rle_dec _ _); lra.
Qed.
Theorem W2_zero_proof : W2_zero.
Proof.
  exists (Options 1 0 (Finite 10) 5 0 Signal_loss true Schedule_constant Momentum_tied Infinite false 0), (fun _ => 0).
  unfold window_options, signal_loss, below_cap; simpl. repeat split; try (intros; lra).
  rewrite window_other by (unfold sum_of_signal, next_s; simpl; unfold start_beta; lra).
  rewrite window_start. unfold capped, Rmax, Rmin; simpl. repeat destruct (Rle_dec _ _); lra.
Qed.

Lemma steps_in_epoch o l t : o_epoch o = Infinite -> k_e (shared_after (rule o) l t) = INR t.
Proof.
  intros E. induction t as [|t IH]; [reflexivity|].
  change (next_e o (shared_after (rule o) l t) (l t) = INR (S t)).
  unfold next_e. rewrite E, IH, S_INR. reflexivity.
Qed.
Lemma last_loss o l t : k_last (shared_after (rule o) l (S t)) = l t.
Proof. reflexivity. Qed.
Lemma beta_unreset o l t : o_reset o = false -> k_beta (shared_after (rule o) l (S t)) = sum_of_signal o l t.
Proof.
  intros E. unfold sum_of_signal. simpl. unfold next_beta. rewrite E. unfold next_s. destruct (o_signal o); reflexivity.
Qed.
Theorem W2_unreset_increase_proof : W2_unreset_increase.
Proof.
  intros o l t Si Re Ep. induction t as [|t IH]; unfold sum_of_signal, next_s; rewrite Si.
  - simpl. unfold start_beta, start_e. rewrite if_greater_true; lra.
  - rewrite (beta_unreset o l t Re), IH, (steps_in_epoch o l (S t) Ep), last_loss.
    rewrite if_greater_false by apply INR_S_ge1. lra.
Qed.
Theorem W2_unreset_decrease_proof : W2_unreset_decrease.
Proof.
  intros o l t Si Re Ep. induction t as [|t IH]; unfold sum_of_signal, next_s; rewrite Si.
  - simpl. unfold start_beta, start_e. rewrite if_greater_true; lra.
  - rewrite (beta_unreset o l t Re), IH, (steps_in_epoch o l (S t) Ep), last_loss.
    rewrite if_greater_false by apply INR_S_ge1. lra.
Qed.

(* ---- The second moment *)
Lemma moment_step o l x g t : moment o l x g (S t) =
  (1 - / window o l (S t)) * moment o l x g t + / window o l (S t) * (g t * g t).
Proof. unfold moment, window. simpl. unfold coord_G, Rdiv. simpl. ring. Qed.
Lemma moment_times o l x g t : window_options o ->
  window o l (S t) * moment o l x g (S t) = (window o l (S t) - 1) * moment o l x g t + g t * g t.
Proof. intros V. rewrite moment_step. pose proof (window_ge1 o l V t). field. lra. Qed.
Lemma inverse_window o l t : window_options o -> 0 < / window o l (S t) <= 1.
Proof.
  intros V. pose proof (window_ge1 o l V t). split; [apply Rinv_0_lt_compat; lra|].
  rewrite <- Rinv_1. apply Rinv_le_contravar; lra.
Qed.
Lemma moment_nonneg o l x g t : window_options o -> 0 <= moment o l x g t.
Proof.
  intros V. induction t as [|t IH]; [apply Rle_refl|]. rewrite moment_step.
  pose proof (inverse_window o l t V). apply Rplus_le_le_0_compat; apply Rmult_le_pos; nra.
Qed.
Lemma weight_S w t s : (s < t)%nat -> weight w (S t) s = (1 - / w t) * weight w t s.
Proof.
  intros H. unfold weight. replace (S t - S s)%nat with (S (t - S s)) by lia. rewrite prod_S.
  replace (s + 1 + (t - S s))%nat with t by lia. ring.
Qed.
Lemma weight_last w t : weight w (S t) t = / w t.
Proof. unfold weight. rewrite Nat.sub_diag. simpl. ring. Qed.
Lemma sum_weights_S w f t : sum (fun s => weight w (S t) s * f s) (S t) =
  (1 - / w t) * sum (fun s => weight w t s * f s) t + / w t * f t.
Proof.
  rewrite sum_S, weight_last, <- sum_scal. f_equal. apply sum_ext. intros. rewrite weight_S by assumption. ring.
Qed.
Theorem W3_weights_proof : W3_weights.
Proof.
  intros o l x g t V w. repeat split.
  - induction t as [|t IH]; [reflexivity|]. rewrite moment_step, sum_weights_S, IH. reflexivity.
  - induction t as [|t IH]; intros s H; [lia|]. pose proof (inverse_window o l t V) as I. fold (w t) in I.
    destruct (Nat.eq_dec s t) as [->|N]; [rewrite weight_last; lra|].
    rewrite weight_S by lia. apply Rmult_le_pos; [lra | apply IH; lia].
  - rewrite (sum_ext _ (fun s => weight w t s * 1)) by (intros; ring).
    induction t as [|t IH]; [simpl; ring|]. rewrite sum_weights_S, IH, prod_S. ring.
Qed.
Theorem W4_exact_mean_proof : W4_exact_mean.
Proof.
  intros o l x g t V. assert (Z : 0 <= o_omega0 o) by apply V. induction t as [|t IH]; intros W.
  - simpl. unfold moment, Rdiv. simpl. ring.
  - pose proof (window_ge1 o l V t) as P. rewrite <- (W (S t)) by lia.
    apply (Rmult_eq_reg_l (window o l (S t))); [|lra].
    rewrite moment_times, sum_S by assumption. rewrite IH by (intros; apply W; lia).
    replace (window o l (S t) - 1) with (o_omega0 o + INR t) by (rewrite W, S_INR by lia; lra).
    destruct t as [|t]; [simpl; unfold Rdiv; rewrite Rmult_0_l, Rmult_0_r; field; lra|]. pose proof (INR_S_pos t). field. lra.
Qed.
Theorem W4_upper_proof : W4_upper.
Proof.
  intros o l x g t V. induction t as [|t IH]; [unfold moment; simpl; lra|].
  rewrite moment_times, sum_S by assumption.
  pose proof (window_grows o l V t). pose proof (moment_nonneg o l x g t V). nra.
Qed.
Theorem W5_moment_proof : W5_moment.
Proof.
  intros o l x g t V. rewrite moment_times by assumption.
  pose proof (window_ge1 o l V t). pose proof (moment_nonneg o l x g t V). nra.
Qed.

(* ---- The same iterates as AdaGrad, as RMSProp *)
(* alpha/sqrt(n) over sqrt(A/n) is alpha over sqrt(A), also where A = 0 and so g = 0. *)
Lemma schedule_cancels alpha g A n : 0 < n -> g * g <= A ->
  alpha / sqrt n * g / sqrt (A / n) = alpha * g / sqrt A.
Proof.
  intros N B. destruct (Req_dec A 0) as [Z|Z].
  - assert (g = 0) as -> by (subst; nra). unfold Rdiv. ring.
  - assert (0 < A) by nra. rewrite sqrt_div by lra.
    pose proof (sqrt_pos_lt n N). pose proof (sqrt_pos_lt A H). field. lra.
Qed.

Theorem W4_adagrad_proof : W4_adagrad.
Proof.
  intros o a project f x1 Sc No Si De W0 E0 A0 AA Po t.
  set (r := rule o). set (q := Adagrad.rule a). set (l := losses r project f x1).
  enough (theta (run r project f x1 t) = theta (run q project f x1 t)) as -> by reflexivity.
  assert (V : window_options o) by (unfold window_options, below_cap; rewrite De, W0; lra).
  assert (P : positive l) by (intro s; apply Po).
  assert (Wn : forall s, window o l s = o_omega0 o + INR s).
  { intros s. rewrite W2_saturation_proof by assumption. unfold capped. rewrite De. reflexivity. }
  induction t as [t IH] using (well_founded_induction Wf_nat.lt_wf).
  destruct t as [|t]; [reflexivity|].
  assert (Same : forall s, (s <= t)%nat -> theta (run r project f x1 s) = theta (run q project f x1 s)).
  { intros s H. apply IH. lia. }
  apply functional_extensionality. intros i.
  change (iterates r project f x1 i (S t) = iterates q project f x1 i (S t)).
  set (x := iterates r project f x1 i). set (g := gradients r project f x1 i).
  set (g' := gradients q project f x1 i).
  assert (Gs : forall s, (s <= t)%nat -> g' s = g s).
  { intros s H. unfold g, g', gradients. rewrite Same by assumption. reflexivity. }
  pose proof (dwmgrad_theta o project f x1 i t) as E. cbv zeta in E. fold r l x g in E.
  pose proof (adagrad_theta a project f x1 i t) as E'. cbv zeta in E'. fold q g' in E'. rewrite E, E'. f_equal.
  assert (iterates q project f x1 i t = x t) as ->.
  { unfold x, iterates. rewrite Same by lia. reflexivity. }
  rewrite A0, AA, velocity_step, dwmgrad_no_momentum, (dwmgrad_step_size_sqrt o l t Sc), E0 by assumption.
  rewrite W4_exact_mean_proof by (intros; auto). rewrite W0.
  rewrite (sum_ext (fun s => g' s * g' s) (fun s => g s * g s)) by (intros s H; rewrite Gs by lia; reflexivity).
  rewrite Gs by lia. rewrite !Rplus_0_r, !Rplus_0_l, schedule_cancels.
  - ring.
  - apply INR_S_pos.
  - rewrite sum_S. pose proof (sum_squares_nonneg g t). lra.
Qed.

(* ---- W5: the step is bounded *)
Lemma dwmgrad_scale_range o l t : 0 < k_scale (shared_after (rule o) l t) <= 1.
Proof.
  induction t as [|t IH]; [simpl; unfold start_scale; lra|].
  change (0 < next_scale o (shared_after (rule o) l t) (l t) <= 1).
  unfold next_scale. destruct (o_guard o); [|exact IH]. choices; lra.
Qed.
Lemma step_size_range o l t : step_options o -> 0 < step_size o l (S t) <= o_alpha o.
Proof.
  intros [A _]. change (0 < next_alpha o (shared_after (rule o) l t) (l t) <= o_alpha o).
  assert (Sc : 0 < next_scale o (shared_after (rule o) l t) (l t) <= 1) by apply (dwmgrad_scale_range o l (S t)).
  set (next_scale_ := next_scale o (shared_after (rule o) l t) (l t)) in *.
  assert (0 < o_alpha o * next_scale_ <= o_alpha o) by nra.
  replace (next_alpha o (shared_after (rule o) l t) (l t)) with
    (match o_schedule o with Schedule_constant => o_alpha o * next_scale_
     | Schedule_sqrt => o_alpha o * next_scale_ / sqrt (INR (S t)) end).
  - destruct (o_schedule o); [assumption|].
    assert (1 <= sqrt (INR (S t))) by (apply le_sqrt_of; pose proof (INR_S_ge1 t); lra).
    split; [apply Rdiv_lt_0_compat | apply div_le_of]; nra.
  - unfold next_scale_, next_alpha, next_t. rewrite dwmgrad_time, <- S_INR. unfold next_scale.
    destruct (o_schedule o), (o_guard o); reflexivity.
Qed.

(* |g| <= sqrt(w) sqrt(G) bounds the quotient by sqrt(w). *)
Lemma quotient_bounded g G w eps a : 0 <= a -> 0 <= eps -> 0 <= w -> 0 <= G -> g * g <= w * G -> 0 < sqrt G + eps ->
  Rabs (a * g / (sqrt G + eps)) <= a * sqrt w.
Proof.
  intros A E W P H D. unfold Rdiv. rewrite !Rabs_mult, (Rabs_pos_eq a A), Rmult_assoc.
  apply Rmult_le_compat_l; [exact A|].
  assert (0 < / (sqrt G + eps)) by (apply Rinv_0_lt_compat, D). rewrite (Rabs_pos_eq (/ _)) by lra.
  apply (Rmult_le_reg_r (sqrt G + eps)); [exact D|]. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra.
  assert (Rabs g <= sqrt w * sqrt G).
  { rewrite <- sqrt_mult by assumption. apply le_sqrt_of; [apply Rabs_pos | nra |].
    rewrite <- Rabs_mult, Rabs_pos_eq by nra. exact H. }
  pose proof (sqrt_pos w). nra.
Qed.
Theorem W5_step_proof : W5_step.
Proof.
  intros o l x g t V St D. pose proof (step_size_range o l t St). pose proof (window_ge1 o l V t).
  apply quotient_bounded; try apply St; try exact D; try lra.
  - apply moment_nonneg, V.
  - apply W5_moment_proof, V.
Qed.
Theorem W5_velocity_proof : W5_velocity.
Proof.
  intros o l x g t delta V St Mo De D. destruct Mo as [G0 G1]. destruct St as [A E].
  assert (B : 0 <= o_alpha o * sqrt delta) by (apply Rmult_le_pos; [lra | apply sqrt_pos]).
  induction t as [|t IH]; [unfold velocity; simpl; rewrite Rabs_R0; apply div_nonneg; lra|].
  specialize (IH ltac:(intros; apply D; lia)). rewrite velocity_step.
  assert (M : Rabs (step_size o l (S t) * g t / (sqrt (moment o l x g (S t)) + o_eps o)) <= o_alpha o * sqrt delta).
  { eapply Rle_trans; [apply W5_step_proof; [exact V | split; assumption | apply D; lia]|].
    pose proof (step_size_range o l t (conj A E)). apply Rmult_le_compat; try lra; [apply sqrt_pos|].
    apply sqrt_le_1_alt. destruct (window_bounds o l V t) as (_ & C & _). unfold below_cap in C. rewrite De in C. exact C. }
  destruct (W1_momentum_proof o l t V (conj G0 G1)) as [[M0 M1] _].
  eapply Rle_trans; [apply Rabs_triang|]. rewrite Rabs_mult, (Rabs_pos_eq _ M0).
  set (b := o_alpha o * sqrt delta) in *. set (y := b / (1 - o_gamma o)) in *.
  assert (b = (1 - o_gamma o) * y) by (unfold y; field; lra).
  pose proof (Rabs_pos (velocity o l x g t)). nra.
Qed.

(* ---- W7: a unit window *)
Theorem W7_sign_descent_proof : W7_sign_descent.
Proof.
  intros o l x g t W. assert (M : moment o l x g (S t) = g t * g t).
  { rewrite moment_step, W, Rinv_1. ring. }
  split; [exact M|]. rewrite velocity_step, M. do 3 f_equal. apply sqrt_Rsqr_abs.
Qed.

(* ---- W6: a saturated window is RMSProp *)
Lemma rmsprop_momentum q l t : Rmsprop.k_mu (shared_after (Rmsprop.rule q) l t) = Rmsprop.o_mu q.
Proof. destruct t; reflexivity. Qed.
Lemma rmsprop_memory o q l l' x x' g g' t delta :
  constant_schedule o -> window_options o -> (forall s, window o l s = delta) -> o_delta o = Finite delta ->
  Rmsprop.o_beta2 q = 1 - 1 / delta -> Rmsprop.o_mu q = o_gamma o -> Rmsprop.o_eps q = o_eps o -> 1 <= delta ->
  (forall s, (s < t)%nat -> g' s = g s) ->
  Rmsprop.c_G (coord_after (Rmsprop.rule q) l' x' g' t) = moment o l x g t /\
  o_alpha o * Rmsprop.c_V (coord_after (Rmsprop.rule q) l' x' g' t) = velocity o l x g t.
Proof.
  intros Sc V W De B M E D. induction t as [|t IH]; intros Gs; [split; [reflexivity | unfold velocity; simpl; ring]|].
  destruct (IH ltac:(intros; apply Gs; lia)) as [IG IV].
  assert (EG : Rmsprop.c_G (coord_after (Rmsprop.rule q) l' x' g' (S t)) = moment o l x g (S t)).
  { rewrite moment_step, W, <- IG, <- (Gs t) by lia. simpl. unfold Rmsprop.coord_G. rewrite B. field. lra. }
  split; [exact EG|].
  assert (Rmsprop.c_V (coord_after (Rmsprop.rule q) l' x' g' (S t)) =
    o_gamma o * Rmsprop.c_V (coord_after (Rmsprop.rule q) l' x' g' t) + g t / (sqrt (moment o l x g (S t)) + o_eps o)) as ->.
  { rewrite <- EG, <- E, <- M, <- (Gs t) by lia. reflexivity. }
  rewrite velocity_step, momentum_form, De, W, (dwmgrad_step_size_constant o l t Sc), <- IV.
  assert (Mu : match o_momentum o with Momentum_tied => o_gamma o * delta / delta | Momentum_constant => o_gamma o end
    = o_gamma o) by (destruct (o_momentum o); [field; lra | reflexivity]).
  rewrite Mu. unfold Rdiv. ring.
Qed.
Theorem W6_rmsprop_proof : W6_rmsprop.
Proof.
  intros o q project f x1 delta Sc Si De D W0 QA QB QM QE Po t.
  enough (theta (run (rule o) project f x1 t) = theta (run (Rmsprop.rule q) project f x1 t)) as -> by reflexivity.
  assert (V : window_options o) by (unfold window_options, below_cap; rewrite De, W0; lra).
  set (l := losses (rule o) project f x1).
  assert (Wd : forall s, window o l s = delta).
  { intros s. rewrite W2_saturation_proof; [|assumption..|intro; apply Po].
    unfold capped. rewrite De, W0. apply Rmin_right. pose proof (pos_INR s). lra. }
  induction t as [t IH] using (well_founded_induction Wf_nat.lt_wf). destruct t as [|t]; [reflexivity|].
  apply functional_extensionality. intros i.
  set (x' := iterates (Rmsprop.rule q) project f x1 i). set (g' := gradients (Rmsprop.rule q) project f x1 i).
  set (l' := losses (Rmsprop.rule q) project f x1).
  assert (E : x' (S t) = project i (x' t - o_alpha o * Rmsprop.c_V (coord_after (Rmsprop.rule q) l' x' g' (S t)))).
  { unfold x'. rewrite run_theta, <- QA. reflexivity. }
  pose proof (dwmgrad_theta o project f x1 i t) as E'. cbv zeta in E'. fold l in E'.
  unfold iterates in E' at 1. unfold x' in E at 1. unfold iterates in E at 1. rewrite E, E'. f_equal.
  destruct (rmsprop_memory o q l l' (iterates (rule o) project f x1 i) x' (gradients (rule o) project f x1 i) g' (S t)
    delta) as [_ ->]; try assumption.
  - intros s H. unfold g', gradients. rewrite IH by lia. reflexivity.
  - unfold x', iterates. rewrite IH by lia. reflexivity.
Qed.

(* ---- W8: the potential condition *)
Lemma preconditioner_form o l x g t : preconditioner o l x g t =
  (sqrt (moment o l x g (S t)) + o_eps o) / step_size o l (S t).
Proof. reflexivity. Qed.
Lemma preconditioner_sqrt o l x g t : step_options o -> sqrt_schedule o ->
  o_alpha o * preconditioner o l x g t = (sqrt (moment o l x g (S t)) + o_eps o) * sqrt (INR (S t)).
Proof.
  intros [A E] Sc. rewrite preconditioner_form, dwmgrad_step_size_sqrt by assumption.
  pose proof (sqrt_pos_lt _ (INR_S_pos t)). field. lra.
Qed.
Lemma sqrt_mono_product a b m n : 0 <= a -> 0 <= b -> 0 <= m -> 0 <= n -> m * a <= n * b ->
  sqrt a * sqrt m <= sqrt b * sqrt n.
Proof. intros. rewrite <- !sqrt_mult by assumption. apply sqrt_le_1_alt. lra. Qed.

Theorem W8_sufficient_proof : W8_sufficient.
Proof.
  intros o l x g t V St Sc W. apply (Rmult_le_reg_l (o_alpha o)); [apply St|].
  rewrite !preconditioner_sqrt by assumption. set (n := INR (S t)).
  assert (n + 1 = INR (S (S t))) as N by (unfold n; rewrite (S_INR (S t)); reflexivity). rewrite <- N in *.
  assert (0 < n) by apply INR_S_pos. destruct St as [_ E].
  pose proof (moment_nonneg o l x g (S t) V) as G0. pose proof (moment_nonneg o l x g (S (S t)) V) as G1.
  assert (n * moment o l x g (S t) <= (n + 1) * moment o l x g (S (S t))).
  { pose proof (moment_times o l x g (S t) V) as M. set (w := window o l (S (S t))) in *.
    apply (Rmult_le_reg_l w); [lra|]. nra. }
  pose proof (sqrt_mono_product _ _ n (n + 1) G0 G1 ltac:(lra) ltac:(lra) H0).
  assert (sqrt n <= sqrt (n + 1)) by (apply sqrt_le_1_alt; lra). nra.
Qed.

(* Gradients of size M up to step n and 0 after it: the moment scales with the square of M. *)
Definition spike (M : R) (n t : nat) : R := if Nat.leb t n then M else 0.
Lemma spike_moment o l x M n t : (t <= S n)%nat ->
  moment o l x (spike M n) t = M * M * moment o l x (fun _ => 1) t.
Proof.
  intros H. induction t as [|t IH]; [unfold moment; simpl; ring|].
  rewrite !moment_step, IH by lia. unfold spike. rewrite (proj2 (Nat.leb_le t n)) by lia. ring.
Qed.
Lemma ones_positive o l x t : window_options o -> 0 < moment o l x (fun _ => 1) (S t).
Proof.
  intros V. rewrite moment_step. pose proof (moment_nonneg o l x (fun _ => 1) t V).
  pose proof (inverse_window o l t V). nra.
Qed.
(* If m + 1 > w then the root of (m + 1)(1 - 1/w) is below that of m, so large gradients shrink h. *)
Theorem W8_necessary_proof : W8_necessary.
Proof.
  intros o l x V St Sc Mono t. destruct t as [|n]; [simpl; apply window_ge1, V|].
  apply Rnot_lt_le. intros L. set (w := window o l (S (S n))) in *.
  set (G := moment o l x (fun _ => 1) (S n)).
  assert (GP : 0 < G) by apply ones_positive, V. pose proof (window_ge1 o l V (S n)) as W1. fold w in W1.
  rewrite S_INR in L. set (m := INR (S n)) in *. assert (0 < m) by apply INR_S_pos.
  assert (WI : w * / w = 1) by (apply Rinv_r; lra). pose proof (inverse_window o l (S n) V) as IW. fold w in IW.
  set (p := sqrt G * sqrt m). set (r := sqrt ((1 - / w) * G) * sqrt (m + 1)).
  assert (PR : r < p).
  { unfold p, r. rewrite <- !sqrt_mult by nra. apply sqrt_lt_1_alt. split; [repeat apply Rmult_le_pos; lra|].
    apply (Rmult_lt_reg_l w); [lra|]. replace (w * ((1 - / w) * G * (m + 1))) with ((w - w * / w) * G * (m + 1)) by ring.
    rewrite WI. nra. }
  destruct St as [A E]. set (e := o_eps o) in *.
  assert (Q : sqrt m <= sqrt (m + 1)) by (apply sqrt_le_1_alt; lra).
  set (M := (e * (sqrt (m + 1) - sqrt m) + 1) / (p - r)).
  assert (MP : M * (p - r) = e * (sqrt (m + 1) - sqrt m) + 1) by (unfold M; clearbody p r; field; lra).
  assert (M0 : 0 <= M) by (unfold M; apply div_nonneg; nra).
  specialize (Mono (spike M n) n). apply (Rmult_le_compat_l (o_alpha o)) in Mono; [|lra].
  rewrite !preconditioner_sqrt in Mono by (assumption || (split; assumption)).
  rewrite (S_INR (S n)) in Mono. fold m e in Mono.
  rewrite (moment_step o l x _ (S n)) in Mono. fold w in Mono. rewrite !spike_moment in Mono by lia. fold G in Mono.
  unfold spike in Mono. rewrite (proj2 (Nat.leb_gt (S n) n)) in Mono by lia.
  replace ((1 - / w) * (M * M * G) + / w * (0 * 0)) with (M * M * ((1 - / w) * G)) in Mono by ring.
  rewrite !(sqrt_mult (M * M)), (sqrt_square M M0) in Mono by nra. unfold p, r in *. nra.
Qed.
Theorem W8_constant_proof : W8_constant.
Proof.
  intros o l x g t V St Sc G Z. rewrite !preconditioner_form, !dwmgrad_step_size_constant by assumption.
  destruct St as [A E]. apply Rmult_lt_compat_r; [apply Rinv_0_lt_compat, A|]. apply Rplus_lt_compat_r.
  rewrite (moment_step o l x g (S t)), Z. pose proof (inverse_window o l (S t) V). apply sqrt_lt_1_alt. nra.
Qed.
