using System.Globalization;

namespace Serverless.Gating.Guards;

/// <summary>Size of the model's package, which every server that starts has to fetch.</summary>
internal sealed class SizeGuard : IGuard
{
    public string Name => "size";

    public IReadOnlyList<GuardSetting> Settings => [new("max", GuardSettingKind.Size, Required: true)];

    public IEnumerable<GateFinding> Judge(GuardSettings settings, GuardScope scope)
    {
        var most = settings.Size("max")!.Value;
        yield return new GateFinding
        {
            Guard = Name, Outcome = scope.Bytes <= most ? GateOutcome.Passed : GateOutcome.Failed, Metric = "bytes", Value = scope.Bytes, Threshold = $"at most {Text(most)}",
            Reason = $"model.zip has {Text(scope.Bytes)}, {(scope.Bytes <= most ? "at most" : "above")} {settings.Text("max")}",
        };
    }

    private static string Text(long bytes) => bytes.ToString("N0", CultureInfo.InvariantCulture) + " bytes";
}
