using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Serverless.Fairness;
using Serverless.Monitoring;
using Serverless.Registry;
using Serverless.Web.Alerts;
using Serverless.Web.Data;
using Serverless.Web.Health;
using Serverless.Web.Models;
using Serverless.Web.Monitoring;

namespace Serverless.Web.Answers;

/// <summary>Answers as JSON, by metadata made at build time; written as everything else of the product (<see cref="ServerlessJson"/>).</summary>
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(ModelDetail))]
[JsonSerializable(typeof(ModelVersion))]
[JsonSerializable(typeof(AuditEntry))]
[JsonSerializable(typeof(AuditList))]
[JsonSerializable(typeof(FairnessReport))]
[JsonSerializable(typeof(DatasetList))]
[JsonSerializable(typeof(PartitionList))]
[JsonSerializable(typeof(FeatureViews.Catalogue.FeatureList))]
[JsonSerializable(typeof(MetricList))]
[JsonSerializable(typeof(RunList))]
[JsonSerializable(typeof(ArtifactList))]
[JsonSerializable(typeof(Tracking.RunComparison))]
[JsonSerializable(typeof(Tracking.PerformanceReport))]
[JsonSerializable(typeof(ModelMetricList))]
[JsonSerializable(typeof(RunEntry))]
[JsonSerializable(typeof(NoteBody))]
[JsonSerializable(typeof(TagBody))]
[JsonSerializable(typeof(Tracking.RunNotes))]
[JsonSerializable(typeof(DecisionList))]
[JsonSerializable(typeof(HealthReport))]
[JsonSerializable(typeof(CommentBody))]
[JsonSerializable(typeof(DriftList))]
[JsonSerializable(typeof(Releases.RolloutList))]
[JsonSerializable(typeof(Releases.RolloutBody))]
[JsonSerializable(typeof(Serverless.Rollouts.SubjectAssignment))]
[JsonSerializable(typeof(Serverless.Rollouts.RolloutRecord))]
[JsonSerializable(typeof(Serverless.Rollouts.RolloutReport))]
[JsonSerializable(typeof(MonitorReport))]
[JsonSerializable(typeof(AlertList))]
[JsonSerializable(typeof(AlertDetail))]
[JsonSerializable(typeof(IncidentList))]
[JsonSerializable(typeof(IncidentDetail))]
[JsonSerializable(typeof(IncidentBody))]
[JsonSerializable(typeof(Explanations.GlobalExplanation))]
[JsonSerializable(typeof(Feedback.FeedbackReceipt))]
[JsonSerializable(typeof(Batches.BatchBody))]
[JsonSerializable(typeof(Batches.BatchStarted))]
[JsonSerializable(typeof(Batches.BatchList))]
[JsonSerializable(typeof(Batches.PrecomputedAnswer))]
internal sealed partial class Json : JsonSerializerContext
{
    public static Json Shared { get; } = new(new JsonSerializerOptions(ServerlessJson.Options) { TypeInfoResolver = null });

    public static async Task WriteAsync<T>(HttpContext context, T value, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.Headers.CacheControl = "no-store";
        await JsonSerializer.SerializeAsync(context.Response.Body, value, type, context.RequestAborted).ConfigureAwait(false);
    }
}
