(* Proofs of R1 - R5: the potential argument, the certificate, the expanding window. *)
From Coq Require Import Reals Lra Lia Psatz.
From Kernel Require Import Model Generated Base Statements Runs Window.
Open Scope R_scope.

(* ---- The potential argument for one coordinate *)
Section Potential.
Variables (H z w g x : nat -> R) (u D : R) (T : nat).
Let ghat t := H t * (z t - w t).
Hypothesis nonneg : forall t, (t < T)%nat -> 0 <= H t.
Hypothesis near : forall t, (t < T)%nat -> Rabs (z t - u) <= D.
Hypothesis nearer : forall t, (t < T)%nat -> (z (S t) - u) ^ 2 <= (w t - u) ^ 2.

Lemma previous_nonneg t : (t <= T)%nat -> 0 <= previous H t.
Proof. destruct t; simpl; intros; [lra | apply nonneg; lia]. Qed.
Lemma square_near t : (t < T)%nat -> (z t - u) ^ 2 <= D ^ 2.
Proof. intros L. specialize (near t L). rewrite <- (pow2_abs (z t - u)). pose proof (Rabs_pos (z t - u)). nra. Qed.

(* sum ghat (z - u) + H_{t-1}/2 (z_t - u)² stays below D²/2 variation + sum ghat (z - w)/2. *)
Lemma potential_invariant t : (t <= T)%nat ->
  sum (fun s => ghat s * (z s - u)) t + previous H t / 2 * (z t - u) ^ 2
    <= D ^ 2 / 2 * variation H t + sum (fun s => ghat s * (z s - w s) / 2) t.
Proof.
  induction t as [|t IH]; intros L; [unfold variation; simpl; lra|].
  specialize (IH ltac:(lia)). unfold variation in *. rewrite !sum_S. cbn [previous].
  pose proof (nonneg t ltac:(lia)) as N. pose proof (square_near t ltac:(lia)) as B.
  pose proof (nearer t ltac:(lia)) as C. unfold ghat in *.
  set (grown := Rmax 0 (H t - previous H t)).
  assert (G0 : 0 <= grown) by apply Rmax_l. assert (G1 : H t - previous H t <= grown) by apply Rmax_r.
  assert (H t / 2 * (z (S t) - u) ^ 2 <= H t / 2 * (w t - u) ^ 2) by (apply Rmult_le_compat_l; lra).
  assert ((H t - previous H t) * (z t - u) ^ 2 <= grown * D ^ 2).
  { apply Rle_trans with (grown * (z t - u) ^ 2); [apply Rmult_le_compat_r | apply Rmult_le_compat_l]; try lra.
    apply pow2_ge_0. }
  nra.
Qed.

Lemma potential : sum (fun t => g t * (x t - u)) T <=
  D ^ 2 / 2 * variation H T + sum (fun t => ghat t * (z t - w t) / 2) T
  + D * sum (fun t => Rabs (g t - ghat t)) T + sum (fun t => g t * (x t - z t)) T.
Proof.
  pose proof (potential_invariant T (le_n T)) as P.
  assert (0 <= previous H T / 2 * (z T - u) ^ 2).
  { apply Rmult_le_pos; [pose proof (previous_nonneg T (le_n T)); lra | apply pow2_ge_0]. }
  assert (sum (fun t => g t * (x t - u)) T <= sum (fun t => ghat t * (z t - u)) T
    + D * sum (fun t => Rabs (g t - ghat t)) T + sum (fun t => g t * (x t - z t)) T).
  { rewrite <- sum_scal, <- !sum_plus. apply sum_le. intros t L. specialize (near t L).
    assert ((g t - ghat t) * (z t - u) <= D * Rabs (g t - ghat t)).
    { eapply Rle_trans; [apply Rle_abs|]. rewrite Rabs_mult, Rmult_comm.
      apply Rmult_le_compat_r; [apply Rabs_pos | exact near]. }
    nra. }
  lra.
Qed.
End Potential.

(* The same without momentum: z = x, w = x - g/h. *)
Lemma potential_plain (h g x : nat -> R) u D T :
  (forall t, (t < T)%nat -> 0 < h t) -> (forall t, (t < T)%nat -> Rabs (x t - u) <= D) ->
  (forall t, (t < T)%nat -> (x (S t) - u) ^ 2 <= (x t - g t / h t - u) ^ 2) ->
  sum (fun t => g t * (x t - u)) T <= D ^ 2 / 2 * variation h T + sum (fun t => g t ^ 2 / (2 * h t)) T.
Proof.
  intros P B C. set (w t := x t - g t / h t).
  pose proof (potential h x w g x u D T (fun t L => Rlt_le _ _ (P t L)) B C) as Q. cbv zeta in Q.
  assert (G : forall t, (t < T)%nat -> h t * (x t - w t) = g t).
  { intros t L. specialize (P t L). unfold w. field. lra. }
  rewrite (sum_ext (fun t => h t * (x t - w t) * (x t - w t) / 2) (fun t => g t ^ 2 / (2 * h t))) in Q.
  - rewrite (sum_ext (fun t => Rabs (g t - h t * (x t - w t))) (fun _ => 0 * 0)) in Q.
    + rewrite (sum_ext (fun t => g t * (x t - x t)) (fun _ => 0 * 0)) in Q by (intros; ring).
      rewrite !sum_scal in Q. lra.
    + intros t L. rewrite G by exact L. unfold Rminus. rewrite Rplus_opp_r, Rabs_R0. ring.
  - intros t L. rewrite G by exact L. specialize (P t L). unfold w. field. lra.
Qed.

(* The increases of a sequence that never decreases add up to its last value. *)
Lemma variation_monotone H T : (forall t, (S t < T)%nat -> H t <= H (S t)) -> 0 <= H 0%nat ->
  variation H T = previous H T.
Proof.
  intros M P. induction T as [|T IH]; [reflexivity|]. unfold variation in *. rewrite sum_S. cbn [previous].
  rewrite IH by (intros; apply M; lia). unfold Rmax. destruct (Rle_dec _ _) as [L|L]; [lra|].
  destruct T as [|T]; cbn [previous] in *; [lra | specialize (M T ltac:(lia)); lra].
Qed.

Lemma square_contracts low high y u : low <= u <= high -> (clip low high y - u) ^ 2 <= (y - u) ^ 2.
Proof. intros B. pose proof (clip_contracts low high y u B). simpl. lra. Qed.

(* ---- R1 *)
Theorem R1_one_step_proof : R1_one_step.
Proof.
  intros o k c x g low high u h y M A P B.
  assert (E : y = x - g / h).
  { unfold y, h, Dwmgrad.moved, Dwmgrad.potential_h, Dwmgrad.coord_V in *. simpl in *. rewrite M.
    set (b := sqrt (Dwmgrad.coord_G o k c x g) + Dwmgrad.o_eps o) in *.
    assert (b <> 0) by (intros Z; rewrite Z in P; unfold Rdiv in P; lra). field. split; lra. }
  assert (Q : g * (x - u) = h / 2 * ((x - u) ^ 2 - (y - u) ^ 2) + g ^ 2 / (2 * h)) by (rewrite E; field; lra).
  split; [exact Q|]. pose proof (square_contracts low high y u B).
  assert (0 <= h / 2 * ((y - u) ^ 2 - (clip low high y - u) ^ 2)) by (apply Rmult_le_pos; lra). nra.
Qed.

(* ---- R2+ *)
Theorem R2plus_certificate_proof : R2plus_certificate.
Proof.
  intros r d low high f x1 u D T X U Co B.
  eapply Rle_trans.
  { apply (regret_by_coordinates r (boxed low high) f x1 d (in_box d low high)); try assumption.
    intros t _. apply run_in_box, X. }
  unfold certificate. apply sum_le. intros i I.
  apply (potential (metric r low high f x1 i) (mirrored r low high f x1 i) (target r low high f x1 i)).
  - intros t L. apply B; assumption.
  - intros t L. apply B; assumption.
  - intros t L. unfold mirrored, target. specialize (U i I).
    set (y := moved r _ _ _ _). change (theta (run r (boxed low high) f x1 (S t)) i) with (boxed low high i y).
    destruct (Req_EM_T _ 0) as [Z|_]; [|right; reflexivity].
    rewrite Z, Rplus_0_r. apply square_contracts, U.
Qed.
