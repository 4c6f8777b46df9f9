(* Sums, products, roots and the projection: what every proof uses. *)
From Coq Require Import Reals Lra Lia Psatz.
From Kernel Require Import Model Generated.
Open Scope R_scope.

(* Sums *)
Lemma sum_S f n : sum f (S n) = sum f n + f n.
Proof. reflexivity. Qed.
Lemma sum_ext f g n : (forall i, (i < n)%nat -> f i = g i) -> sum f n = sum g n.
Proof. intros H; induction n; simpl; auto. rewrite IHn, H; auto. Qed.
Lemma sum_le f g n : (forall i, (i < n)%nat -> f i <= g i) -> sum f n <= sum g n.
Proof.
  intros H; induction n; simpl; [lra|].
  apply Rplus_le_compat; [apply IHn; intros; apply H | apply H]; lia.
Qed.
Lemma sum_nonneg f n : (forall i, (i < n)%nat -> 0 <= f i) -> 0 <= sum f n.
Proof.
  intros H; induction n; simpl; [lra|].
  apply Rplus_le_le_0_compat; [apply IHn; intros; apply H | apply H]; lia.
Qed.
Lemma term_le_sum f n i : (forall j, 0 <= f j) -> (i < n)%nat -> f i <= sum f n.
Proof.
  intros P H. induction n as [|n IH]; [lia|]. rewrite sum_S. pose proof (P n).
  destruct (Nat.eq_dec i n) as [->|N]; [pose proof (sum_nonneg f n ltac:(intros; apply P)); lra | specialize (IH ltac:(lia)); lra].
Qed.
Lemma sum_plus f g n : sum (fun i => f i + g i) n = sum f n + sum g n.
Proof. induction n; simpl; lra. Qed.
Lemma sum_longer f m n : (forall i, 0 <= f i) -> (m <= n)%nat -> sum f m <= sum f n.
Proof. intros P L. induction L as [|n L IH]; [lra|]. rewrite sum_S. specialize (P n). lra. Qed.
Lemma sum_abs f n : Rabs (sum f n) <= sum (fun i => Rabs (f i)) n.
Proof.
  induction n as [|n IH]; [simpl; rewrite Rabs_R0; lra|]. rewrite !sum_S.
  eapply Rle_trans; [apply Rabs_triang | lra].
Qed.
Lemma sum_ones n : sum (fun _ => 1) n = INR n.
Proof. induction n as [|n IH]; [reflexivity|]. rewrite sum_S, IH, S_INR. reflexivity. Qed.
Lemma sum_scal a f n : sum (fun i => a * f i) n = a * sum f n.
Proof. induction n; simpl; lra. Qed.
Lemma sum_head f n : sum f (S n) = f 0%nat + sum (fun j => f (S j)) n.
Proof. induction n as [|n IH]; [simpl; lra|]. rewrite sum_S, IH, sum_S. lra. Qed.
Lemma sum_add f m n : sum f (m + n) = sum f m + sum (fun j => f (m + j)%nat) n.
Proof.
  induction n as [|n IH]; [rewrite Nat.add_0_r; simpl; lra|]. rewrite Nat.add_succ_r, !sum_S, IH. lra.
Qed.
Lemma sum_swap f m n : sum (fun i => sum (fun j => f i j) m) n = sum (fun j => sum (fun i => f i j) n) m.
Proof.
  induction n; simpl.
  - induction m; simpl; lra.
  - rewrite IHn, <- sum_plus. reflexivity.
Qed.
Lemma sum_squares_nonneg g n : 0 <= sum (fun t => g t * g t) n.
Proof. apply sum_nonneg. intros; nra. Qed.
Lemma sum_squares_pos g n : g 0%nat <> 0 -> 0 < sum (fun t => g t * g t) (S n).
Proof.
  intros H. assert (0 < g 0%nat * g 0%nat) by (apply Rsqr_pos_lt; exact H).
  induction n; rewrite sum_S; [simpl; lra | nra].
Qed.
Lemma prod_S f n : prod f (S n) = prod f n * f n.
Proof. reflexivity. Qed.
Lemma prod_ext f g n : (forall i, (i < n)%nat -> f i = g i) -> prod f n = prod g n.
Proof. intros H; induction n; simpl; auto. rewrite IHn, H; auto. Qed.

(* Natural numbers as reals *)
Lemma INR_S_pos t : 0 < INR (S t).
Proof. apply lt_0_INR; lia. Qed.
Lemma INR_S_ge1 t : 1 <= INR (S t).
Proof. rewrite S_INR. pose proof (pos_INR t). lra. Qed.

Lemma some_nat x : exists n, x < INR n.
Proof.
  destruct (archimed x) as [U _]. exists (Z.to_nat (up x)). rewrite INR_IZR_INZ.
  apply Rlt_le_trans with (IZR (up x)); [exact U | apply IZR_le; lia].
Qed.

(* Choices *)
Lemma if_greater_true a b x y : b < a -> if_greater a b x y = x.
Proof. unfold if_greater. destruct (Rlt_dec b a); [reflexivity | contradiction]. Qed.
Lemma if_greater_false a b x y : a <= b -> if_greater a b x y = y.
Proof. unfold if_greater. destruct (Rlt_dec b a); [lra | reflexivity]. Qed.
Ltac choices := unfold if_greater in *;
  repeat match goal with
  | |- context [Rlt_dec ?a ?b] => destruct (Rlt_dec a b)
  | H : context [Rlt_dec ?a ?b] |- _ => destruct (Rlt_dec a b)
  end.

(* The projection stays in the interval and brings the point no farther from any point of it. *)
Lemma clip_in low high x : low <= high -> low <= clip low high x <= high.
Proof. intros. unfold clip. choices; lra. Qed.
Lemma clip_id low high x : low <= x <= high -> clip low high x = x.
Proof. intros. unfold clip. choices; lra. Qed.
Lemma clip_contracts low high x u :
  low <= u <= high -> (clip low high x - u) * (clip low high x - u) <= (x - u) * (x - u).
Proof. intros. unfold clip. choices; nra. Qed.

(* Roots *)
Lemma sqrt_pos_lt x : 0 < x -> 0 < sqrt x.
Proof. apply sqrt_lt_R0. Qed.
Lemma square_le a b : 0 <= b -> a * a <= b * b -> a <= b.
Proof. intros. nra. Qed.
Lemma sqrt_le_of x y : 0 <= y -> x <= y * y -> sqrt x <= y.
Proof.
  intros Hy H. rewrite <- (sqrt_Rsqr y Hy). apply sqrt_le_1_alt. exact H.
Qed.
Lemma le_sqrt_of x y : 0 <= x -> 0 <= y -> x * x <= y -> x <= sqrt y.
Proof.
  intros Hx Hy H. rewrite <- (sqrt_Rsqr x Hx). apply sqrt_le_1_alt. exact H.
Qed.
Lemma div_le_of a b x : 0 < b -> a <= x * b -> a / b <= x.
Proof. intros Hb H. apply (Rmult_le_reg_r b); [exact Hb|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l; lra. Qed.
Lemma le_div_of a b x : 0 < b -> x * b <= a -> x <= a / b.
Proof. intros Hb H. apply (Rmult_le_reg_r b); [exact Hb|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l; lra. Qed.
Lemma Rdiv_1 a : a / 1 = a.
Proof. field. Qed.
Lemma div_cancel a b c : c <> 0 -> a / c * b * c = a * b.
Proof. intros. field. assumption. Qed.
Lemma square_div a b : b <> 0 -> (a / b) ^ 2 = a ^ 2 / (b * b).
Proof. intros. field. assumption. Qed.
Lemma div_nonneg a b : 0 <= a -> 0 < b -> 0 <= a / b.
Proof. intros. apply le_div_of; lra. Qed.

(* g_t²/S_t <= 2 (S_t - S_{t-1}), so the sum telescopes: AdaGrad's lemma. *)
Lemma size_pos g T : 0 <= size g T.
Proof. apply sqrt_pos. Qed.
Lemma size_square g T : size g T * size g T = sum (fun t => g t * g t) T.
Proof. apply sqrt_sqrt, sum_squares_nonneg. Qed.
Lemma size_mono g T : size g T <= size g (S T).
Proof. apply sqrt_le_1_alt. rewrite sum_S. nra. Qed.
Lemma sum_over_root g T : sum (fun t => g t * g t / (2 * size g (S t))) T <= size g T.
Proof.
  induction T as [|T IH]; [simpl; apply size_pos|].
  rewrite sum_S. pose proof (size_pos g T) as HT. pose proof (size_mono g T) as Hm.
  pose proof (size_square g T) as E. pose proof (size_square g (S T)) as E'. rewrite sum_S, <- E in E'.
  destruct (Req_dec (size g (S T)) 0) as [Z|N].
  - rewrite Z in *. assert (g T = 0) as -> by nra. unfold Rdiv. rewrite !Rmult_0_l. lra.
  - assert (0 < size g (S T)) by (pose proof (size_pos g (S T)); lra).
    enough (g T * g T / (2 * size g (S T)) <= size g (S T) - size g T) by lra.
    apply div_le_of; nra.
Qed.
Lemma size_bounded g T M : 0 <= M -> (forall t, (t < T)%nat -> Rabs (g t) <= M) -> size g T <= M * sqrt (INR T).
Proof.
  intros HM H. apply sqrt_le_of; [apply Rmult_le_pos; [lra | apply sqrt_pos]|].
  replace (M * sqrt (INR T) * (M * sqrt (INR T))) with (M * M * (sqrt (INR T) * sqrt (INR T))) by ring.
  rewrite sqrt_sqrt by apply pos_INR.
  induction T as [|T IH]; [simpl; lra|].
  rewrite sum_S, S_INR.
  assert (g T * g T <= M * M).
  { rewrite <- (Rabs_pos_eq (g T * g T)) by nra. rewrite Rabs_mult.
    specialize (H T ltac:(lia)). pose proof (Rabs_pos (g T)). nra. }
  specialize (IH ltac:(intros; apply H; lia)). lra.
Qed.
Lemma abs_le x a : Rabs x <= a -> - a <= x <= a.
Proof. unfold Rabs. destruct (Rcase_abs x); lra. Qed.
