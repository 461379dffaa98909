using Microsoft.AspNetCore.Http;
using Serverless.Scoring;
using Serverless.Web.Answers;

namespace Serverless.Web.Health;

/// <summary>Live: the process answers. Ready: every model of the workspace that has a champion has something to answer with.</summary>
internal sealed class HealthEndpoints(IModelHost models, IPredictionLog log)
{
    public static Task LiveAsync(HttpContext context) => Json.WriteAsync(context, new HealthReport("live", null, null), Json.Shared.HealthReport);

    public Task ReadyAsync(HttpContext context)
    {
        var status = models.Status();
        var ready = status.All(s => s.Ready);
        return Json.WriteAsync(context, new HealthReport(ready ? "ready" : "not-ready", status, log.Dropped), Json.Shared.HealthReport,
            ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }
}

/// <param name="DroppedPredictions">Predictions that the log could not keep, answered where it is buffered, refused where it is durable.</param>
internal sealed record HealthReport(string Status, IReadOnlyList<ModelStatus>? Models, long? DroppedPredictions);
