(* Momentum as a running mean: m_t = b m_{t-1} + (1 - b) g_t, the step m_t/h_t. What AMSGrad and AdaMomentum share. *)
From Coq Require Import Reals Lra Lia Psatz.
From Kernel Require Import Model Generated Base Statements Runs Window Regret.
Open Scope R_scope.

(* ---- The harmonic sum *)
Lemma ln_le y : 0 < y -> ln y <= y - 1.
Proof.
  intros P. destruct (Req_dec y 1) as [->|N]; [rewrite ln_1; lra|].
  rewrite <- (ln_exp (y - 1)). left. apply ln_increasing; [exact P|].
  pose proof (exp_ineq1 (y - 1) ltac:(lra)). lra.
Qed.
Lemma harmonic T : sum (fun t => / INR (S t)) (S T) <= 1 + ln (INR (S T)).
Proof.
  induction T as [|T IH]; [simpl; rewrite ln_1; lra|]. rewrite sum_S.
  pose proof (INR_S_pos T) as P. pose proof (INR_S_pos (S T)) as P'.
  assert (ln (INR (S T)) - ln (INR (S (S T))) <= - / INR (S (S T))); [|lra].
  replace (ln (INR (S T)) - ln (INR (S (S T)))) with (ln (INR (S T) / INR (S (S T)))).
  2: { unfold Rdiv. rewrite ln_mult, ln_Rinv by (try apply Rinv_0_lt_compat; assumption). lra. }
  eapply Rle_trans; [apply ln_le, Rdiv_lt_0_compat; assumption|].
  rewrite (S_INR (S T)). right. field. lra.
Qed.

Section Mean.
Variables (b : R) (g m : nat -> R).
Hypothesis (B : 0 <= b < 1) (mean : forall t, m t = b * previous m t + (1 - b) * g t).

(* The mean is no larger than what it is a mean of. *)
Lemma mean_squares T : (1 - b) * sum (fun t => m t * m t) T + b * (previous m T * previous m T)
  <= (1 - b) * sum (fun t => g t * g t) T.
Proof.
  induction T as [|T IH]; [simpl; lra|]. rewrite !sum_S. cbn [previous].
  assert (m T * m T <= b * (previous m T * previous m T) + (1 - b) * (g T * g T)).
  { rewrite mean. assert (0 <= b * (1 - b) * (previous m T - g T) ^ 2); [|nra].
    apply Rmult_le_pos; [nra | apply pow2_ge_0]. }
  nra.
Qed.
Lemma mean_size T : sum (fun t => m t * m t) T <= size g T * size g T.
Proof. rewrite size_square. pose proof (mean_squares T). assert (0 <= previous m T * previous m T) by nra. nra. Qed.

(* If every term is at most a |m_t|/sqrt(t), the sum is at most a sqrt(1 + log T) S_T: weigh |m|/sqrt(t) by
   (c/t + m²/c)/2 with c = S_T/sqrt(1 + log T). *)
Lemma sum_by_roots (e : nat -> R) a T : 0 <= a ->
  (forall t, (t < T)%nat -> e t <= a * (Rabs (m t) / sqrt (INR (S t)))) ->
  sum e T <= a * (sqrt (1 + ln (INR T)) * size g T).
Proof.
  intros A E. destruct T as [|T].
  { simpl. apply Rmult_le_pos; [exact A | apply Rmult_le_pos; [apply sqrt_pos | apply size_pos]]. }
  eapply Rle_trans; [apply sum_le, E|]. rewrite sum_scal. apply Rmult_le_compat_l; [exact A|]. clear e E.
  pose proof (mean_size (S T)) as M. pose proof (size_pos g (S T)) as S0. set (s := size g (S T)) in *.
  pose proof (harmonic T) as Hm. set (L := 1 + ln (INR (S T))) in *.
  assert (L1 : 1 <= L).
  { unfold L. assert (0 <= ln (INR (S T))); [|lra]. rewrite <- ln_1. pose proof (INR_S_ge1 T).
    destruct (Req_dec 1 (INR (S T))) as [<-|]; [lra | left; apply ln_increasing; lra]. }
  assert (Q : 0 < sqrt L) by (apply sqrt_pos_lt; lra). assert (QQ : sqrt L * sqrt L = L) by (apply sqrt_sqrt; lra).
  destruct (Req_dec s 0) as [Z|Z].
  - rewrite Z in *. rewrite Rmult_0_r. apply Rle_trans with (sum (fun _ => 0 * 0) (S T)); [|rewrite sum_scal; lra].
    apply sum_le. intros t L'. assert (m t * m t <= 0).
    { eapply Rle_trans; [|rewrite Rmult_0_l in M; exact M]. apply (term_le_sum (fun t => m t * m t)); [intros; nra | exact L']. }
    assert (m t = 0) as -> by nra. rewrite Rabs_R0. unfold Rdiv. lra.
  - set (v := s / sqrt L). assert (V : 0 < v) by (apply Rdiv_lt_0_compat; lra).
    apply Rle_trans with (sum (fun t => v / 2 * / INR (S t) + / (2 * v) * (m t * m t)) (S T)).
    + apply sum_le. intros t _. pose proof (INR_S_pos t) as P. pose proof (sqrt_sqrt _ (Rlt_le _ _ P)) as R1.
      pose proof (sqrt_pos_lt _ P) as R0. set (q := sqrt (INR (S t))) in *. rewrite <- R1.
      assert (m t * m t = Rabs (m t) * Rabs (m t)) as -> by (rewrite <- Rabs_mult, Rabs_pos_eq; nra).
      set (y := Rabs (m t)). assert (0 <= (v / q - y) ^ 2 * / (2 * v)).
      { apply Rmult_le_pos; [apply pow2_ge_0 | left; apply Rinv_0_lt_compat; lra]. }
      replace (v / 2 * / (q * q) + / (2 * v) * (y * y)) with (y / q + (v / q - y) ^ 2 * / (2 * v)) by (field; lra). lra.
    + rewrite sum_plus, !sum_scal.
      apply Rle_trans with (v / 2 * L + / (2 * v) * (s * s)).
      * assert (0 < / (2 * v)) by (apply Rinv_0_lt_compat; lra). nra.
      * right. unfold v. set (q := sqrt L) in *. rewrite <- QQ. field. lra.
Qed.
End Mean.

(* ---- The potential argument for the running mean; e = m²/h, P = m (x - u). *)
Section Potential.
Variables (b low high u : R) (g m h x : nat -> R) (T : nat).
Let e t := m t ^ 2 / h t.
Let P t := m t * (x t - u).
Hypothesis (B : 0 <= b < 1) (mean : forall t, m t = b * previous m t + (1 - b) * g t).
Hypothesis (In : low <= u <= high) (Inside : forall t, low <= x t <= high).
Hypothesis (pos : forall t, (t < T)%nat -> 0 < h t) (mono : forall t, (S t < T)%nat -> h t <= h (S t)).
Hypothesis step : forall t, (t < T)%nat -> x (S t) = clip low high (x t - m t / h t).

(* One step back costs m²/h, because the projection does not expand. *)
Lemma step_back t : (t < T)%nat -> m t * (x t - x (S t)) <= e t.
Proof.
  intros L. specialize (pos t L). rewrite (step t L). set (v := m t / h t).
  pose proof (clip_contracts low high (x t - v) (x t) (Inside t)) as C.
  set (y := clip low high (x t - v)) in *. assert (Y : (x t - y) * (x t - y) <= v * v) by (clearbody v y; nra).
  assert (M : m t = v * h t) by (unfold v; field; lra).
  assert (e t = v * v * h t) as -> by (unfold e; rewrite M; field; lra). rewrite M.
  assert (v * (x t - y) <= v * v); [|nra].
  assert (0 <= (v - (x t - y)) ^ 2) by apply pow2_ge_0. nra.
Qed.
Lemma by_parts t : (t <= T)%nat -> (1 - b) * sum (fun s => g s * (x s - u)) t
  <= (1 - b) * sum P t + b * previous P t + b * sum (previous e) t.
Proof.
  induction t as [|t IH]; intros L; [simpl; lra|]. specialize (IH ltac:(lia)). rewrite !sum_S. cbn [previous].
  assert ((1 - b) * (g t * (x t - u)) <= P t - b * previous P t + b * previous e t); [|lra].
  replace ((1 - b) * (g t * (x t - u))) with (P t - b * (previous m t * (x t - u))) by (unfold P; rewrite mean; ring).
  destruct t as [|t]; cbn [previous]; [lra|]. pose proof (step_back t ltac:(lia)) as Bk. unfold P.
  apply (Rmult_le_compat_l b) in Bk; [|lra]. lra.
Qed.
Lemma sum_previous f t : sum (previous f) t + previous f t = sum f t.
Proof. induction t as [|t IH]; [simpl; lra|]. rewrite !sum_S. cbn [previous] in *. lra. Qed.
Lemma term_half t : (t < T)%nat -> P t <= (high - low) ^ 2 / 2 * h t + e t / 2.
Proof.
  intros L. specialize (pos t L). pose proof (box_distance low high _ _ (Inside t) In) as D.
  assert (Q : (x t - u) ^ 2 <= (high - low) ^ 2).
  { rewrite <- (pow2_abs (x t - u)). pose proof (Rabs_pos (x t - u)). nra. }
  assert (0 <= h t / 2 * ((x t - u) - m t / h t) ^ 2) by (apply Rmult_le_pos; [lra | apply pow2_ge_0]).
  replace (P t) with (h t / 2 * (x t - u) ^ 2 + e t / 2 - h t / 2 * ((x t - u) - m t / h t) ^ 2)
    by (unfold P, e; field; lra). nra.
Qed.
Lemma averaged_potential : sum (fun t => g t * (x t - u)) T <=
  (high - low) ^ 2 / (2 * (1 - b)) * previous h T + (1 + b) / (2 * (1 - b)) * sum e T.
Proof.
  pose proof (by_parts T (le_n T)) as A.
  assert (PS : sum P T <= (high - low) ^ 2 / 2 * previous h T + / 2 * sum e T).
  { rewrite <- (variation_monotone h T mono) by (intros L; left; apply pos, L). rewrite <- sum_scal.
    eapply Rle_trans; [apply (potential_plain h m x u (high - low) T pos)|].
    - intros t L. apply box_distance; [apply Inside | exact In].
    - intros t L. rewrite (step t L). apply square_contracts, In.
    - apply Rplus_le_compat_l. right. apply sum_ext. intros t L. specialize (pos t L). unfold e. field. lra. }
  assert (PL : forall t, (t <= T)%nat -> previous P t <= (high - low) ^ 2 / 2 * previous h t + previous e t / 2).
  { intros t L. destruct t as [|t]; cbn [previous]; [lra|]. apply term_half. lia. }
  specialize (PL T (le_n T)). pose proof (sum_previous e T) as SP.
  assert (EN : forall t, (t <= T)%nat -> 0 <= previous e t).
  { intros t L. destruct t as [|t]; cbn [previous]; [lra|]. unfold e. apply div_nonneg; [apply pow2_ge_0 | apply pos; lia]. }
  specialize (EN T (le_n T)).
  apply (Rmult_le_reg_l (1 - b)); [lra|]. eapply Rle_trans; [exact A|].
  replace ((1 - b) * ((high - low) ^ 2 / (2 * (1 - b)) * previous h T + (1 + b) / (2 * (1 - b)) * sum e T))
    with ((high - low) ^ 2 / 2 * previous h T + (1 + b) / 2 * sum e T) by (field; lra).
  apply (Rmult_le_compat_l (1 - b)) in PS; [|lra]. apply (Rmult_le_compat_l b) in PL; [|lra]. nra.
Qed.
End Potential.
