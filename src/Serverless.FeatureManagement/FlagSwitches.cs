using Microsoft.Extensions.Logging;
using Microsoft.FeatureManagement;
using Microsoft.FeatureManagement.FeatureFilters;
using Serverless.Problems;
using Serverless.Rollouts;
using Serverless.Switches;
using Serverless.Workspaces;

namespace Serverless.FeatureManagement;

/// <summary>
/// Switches as Microsoft.FeatureManagement evaluates them, filters included (time windows, targeting by the name of the model or dataset), anew at every look at the flags. While a flag cannot be
/// evaluated, what it said last holds. Nothing of the library is made before there is a switch.
/// </summary>
internal sealed partial class FlagSwitches(FlagConfiguration configuration, Workspace workspace, LateManager manager, ILogger<FlagSwitches> logger) : ISwitches, IFlagsListener
{
    private readonly HashSet<string> said = new(StringComparer.Ordinal);
    private volatile IReadOnlySet<(string Part, string Subject)> off = new HashSet<(string, string)>();

    public bool IsOn(string part, string subject) => off.Count == 0 || !off.Contains((part, subject));

    public async Task SeenAsync(FlagSet flags, CancellationToken cancel = default)
    {
        configuration.Take(flags);
        var parts = flags.Flags.Keys.Select(SwitchedParts.PartOf).OfType<string>().ToArray();
        if (parts.Length == 0 && off.Count == 0) return;
        var now = new HashSet<(string, string)>();
        foreach (var part in parts)
        {
            if (SwitchedParts.All.All(p => p.Name != part))
            {
                if (said.Add(part)) LogUnknown(SwitchedParts.FlagOf(part), Suggest.Ending(part, SwitchedParts.All.Select(p => p.Name)));
                continue;
            }

            foreach (var subject in workspace.Models.Keys.Concat(workspace.Datasets.Keys))
            {
                if (!await IsEnabledAsync(part, subject, cancel).ConfigureAwait(false)) now.Add((part, subject));
            }
        }

        off = now;
    }

    private async Task<bool> IsEnabledAsync(string part, string subject, CancellationToken cancel)
    {
        var flag = SwitchedParts.FlagOf(part);
        try
        {
            var enabled = await manager.Get().IsEnabledAsync(flag, new TargetingContext { UserId = subject, Groups = [] }, cancel).ConfigureAwait(false);
            said.Remove(flag);
            return enabled;
        }
        catch (Exception e) when (e is FeatureManagementException or ArgumentException or InvalidOperationException)
        {
            if (said.Add(flag)) LogNotEvaluated(e, flag);
            return IsOn(part, subject);
        }
    }

    [LoggerMessage(7211, LogLevel.Warning, "Flag '{Flag}' switches nothing{Hint}")]
    private partial void LogUnknown(string flag, string hint);

    [LoggerMessage(7212, LogLevel.Error, "Flag '{Flag}' cannot be evaluated; what it said last holds")]
    private partial void LogNotEvaluated(Exception error, string flag);
}
