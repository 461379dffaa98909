using Serverless.Retention;

namespace Serverless.Workspaces;

/// <summary><c>retention:</c> of serverless.yaml.</summary>
internal static class RetentionSection
{
    public static RetentionSettings Read(Section parent, ProblemLog problems)
    {
        if (parent.MapOf("retention", "a mapping, such as '{ versions: 10, versionAge: 90d, predictions: 365d }'") is not { } map) return RetentionSettings.Default;
        var s = new Section(map, "retention", parent.File, problems);
        var versions = s.Number("versions", 1, 100_000);
        if (versions is { } count && count != Math.Truncate(count)) s.Error(s.At("versions"), "'versions' must be a whole number.");
        return new RetentionSettings
        {
            Schedule = s.Cron("schedule", "0 4 * * 0"),
            Versions = (int)(versions ?? RetentionSettings.Default.Versions), VersionAge = s.Duration("versionAge"), Candidates = s.Duration("candidates"), Predictions = s.Duration("predictions"), Superseded = s.Duration("superseded"),
        };
    }
}
