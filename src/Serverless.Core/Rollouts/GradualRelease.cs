using Microsoft.Extensions.DependencyInjection;
using Serverless.Models;
using Serverless.Registry;
using Serverless.Workspaces;

namespace Serverless.Rollouts;

/// <summary>An approved version begins its rollout. Rollouts are asked for late, because they need the registry themselves.</summary>
internal sealed class GradualRelease(Workspace workspace, IServiceProvider services) : IGradualRelease
{
    public async Task<bool> BeginAsync(ModelVersion version, string by, string comment, CancellationToken cancel)
    {
        if (!workspace.Models.TryGetValue(version.Model, out var model) || model.Rollout.Kind == RolloutKind.None) return false;
        await services.GetRequiredService<IRollouts>().StartAsync(new RolloutRequest(version.Model, version.Version, model.Rollout, by, comment, version.Run), cancel);
        return true;
    }
}
