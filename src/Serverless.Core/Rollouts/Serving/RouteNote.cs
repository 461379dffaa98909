namespace Serverless.Rollouts;

/// <summary>What the record of a prediction says about its rollout. Empty where there was none.</summary>
/// <param name="Rollout">Id of the rollout.</param>
/// <param name="Variant">Whose answer it is.</param>
/// <param name="Reason">Why the subject had it, or why another answered.</param>
/// <param name="SubjectHash">First 8 bytes of SHA-256 over subject, line feed and salt of the rollout.</param>
public readonly record struct RouteNote(string? Rollout, string? Variant, string? Reason, ulong SubjectHash);
