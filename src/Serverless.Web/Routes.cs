using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Web.Access;
using Serverless.Web.Alerts;
using Serverless.Web.Answers;
using Serverless.Web.Data;
using Serverless.Web.Health;
using Serverless.Web.Models;
using Serverless.Web.Monitoring;
using Serverless.Web.OpenApi;
using Serverless.Web.Pages;
using Serverless.Web.Predict;

namespace Serverless.Web;

/// <summary>Every address of the API, defined once for the local host and the Function App.</summary>
public static class Routes
{
    /// <summary>Maps everything. <see cref="WebServices.AddServerlessWeb"/>, <c>AddServerless</c> and a store belong before it.</summary>
    public static IEndpointRouteBuilder MapServerless(this IEndpointRouteBuilder routes)
    {
        var map = new Mapping(routes, routes.ServiceProvider.GetRequiredService<Guard>());

        PredictRoutes.Map(map);
        map.Get("/v1/models", Scope.Predict, map.On<ModelEndpoints>(e => e.ListAsync));
        map.Get("/v1/models/{model}", Scope.Predict, map.On<ModelEndpoints>(e => e.ShowAsync));
        map.Get("/v1/models/{model}/versions/{version}", Scope.Predict, map.On<ModelEndpoints>(e => e.ShowVersionAsync));
        map.Get("/v1/models/{model}/versions/{version}/card", Scope.Predict, map.On<ModelEndpoints>(e => e.CardAsync));
        map.Get("/v1/models/{model}/versions/{version}/importance", Scope.Operate, map.On<ModelEndpoints>(e => e.ImportanceAsync));
        map.Post("/v1/models/{model}/versions/{version}/promote", Scope.Operate, map.On<ModelEndpoints>(e => e.PromoteAsync));
        map.Post("/v1/models/{model}/versions/{version}/approve", Scope.Operate, map.On<ModelEndpoints>(e => e.ApproveAsync));
        map.Post("/v1/models/{model}/versions/{version}/reject", Scope.Operate, map.On<ModelEndpoints>(e => e.RejectAsync));
        map.Post("/v1/models/{model}/rollback", Scope.Operate, map.On<ModelEndpoints>(e => e.RollBackAsync));
        map.Get("/v1/models/{model}/audit", Scope.Operate, map.On<GovernanceEndpoints>(e => e.AuditAsync));
        map.Post("/v1/models/{model}/resume", Scope.Operate, map.On<GovernanceEndpoints>(e => e.ResumeAsync));
        map.Get("/v1/models/{model}/decisions", Scope.Operate, map.On<GovernanceEndpoints>(e => e.DecisionsAsync));
        map.Get("/v1/models/{model}/versions/{version}/fairness", Scope.Operate, map.On<GovernanceEndpoints>(e => e.FairnessAsync));
        map.Get("/v1/models/{model}/drift", Scope.Operate, map.On<DriftEndpoints>(e => e.ListAsync));
        map.Get("/v1/models/{model}/drift/{run}", Scope.Operate, map.On<DriftEndpoints>(e => e.ShowAsync));
        map.Get("/v1/rollouts", Scope.Operate, map.On<Releases.RolloutEndpoints>(e => e.ListAllAsync));
        map.Get("/v1/models/{model}/rollouts", Scope.Operate, map.On<Releases.RolloutEndpoints>(e => e.ListAsync));
        map.Get("/v1/models/{model}/rollout", Scope.Operate, map.On<Releases.RolloutEndpoints>(e => e.ShowAsync));
        map.Get("/v1/models/{model}/rollout/assignment", Scope.Operate, map.On<Releases.RolloutEndpoints>(e => e.AssignmentAsync));
        map.Post("/v1/models/{model}/rollout/start", Scope.Operate, map.On<Releases.RolloutEndpoints>(e => e.StartAsync));
        map.Post("/v1/models/{model}/rollout/pause", Scope.Operate, map.On<Releases.RolloutEndpoints>(e => e.PauseAsync));
        map.Post("/v1/models/{model}/rollout/resume", Scope.Operate, map.On<Releases.RolloutEndpoints>(e => e.ResumeAsync));
        map.Post("/v1/models/{model}/rollout/abort", Scope.Operate, map.On<Releases.RolloutEndpoints>(e => e.AbortAsync));
        map.Post("/v1/models/{model}/rollout/promote", Scope.Operate, map.On<Releases.RolloutEndpoints>(e => e.PromoteAsync));
        map.Post("/v1/models/{model}/batches", Scope.Operate, map.On<Batches.BatchEndpoints>(e => e.StartAsync));
        map.Get("/v1/models/{model}/batches", Scope.Operate, map.On<Batches.BatchEndpoints>(e => e.ListAsync));
        map.Get("/v1/models/{model}/predictions/{**key}", Scope.Predict, map.On<Batches.PrecomputedEndpoint>(e => e.GetAsync));
        map.Post("/v1/models/{model}/predictions/{**key}", Scope.Predict, map.On<Batches.PrecomputedEndpoint>(e => e.PostAsync));
        map.Get("/v1/datasets", Scope.Operate, map.On<DatasetEndpoints>(e => e.ListAsync));
        map.Get("/v1/datasets/{dataset}/partitions", Scope.Operate, map.On<DatasetEndpoints>(e => e.PartitionsAsync));
        map.Get("/v1/features", Scope.Operate, map.On<FeatureEndpoints>(e => e.ListAsync));
        map.Get("/v1/datasets/{dataset}/metrics", Scope.Operate, map.On<MetricEndpoints>(e => e.ListAsync));
        map.Get("/v1/runs", Scope.Operate, map.On<RunEndpoints>(e => e.ListAsync));
        map.Get("/v1/runs/{run}", Scope.Operate, map.On<RunEndpoints>(e => e.ShowAsync));
        map.Post("/v1/runs/{run}/notes", Scope.Operate, map.On<RunEndpoints>(e => e.NoteAsync));
        map.Post("/v1/runs/{run}/tags", Scope.Operate, map.On<RunEndpoints>(e => e.TagAsync));
        map.Get("/v1/runs/{run}/artifacts", Scope.Operate, map.On<TrackingEndpoints>(e => e.ArtifactsAsync));
        map.Get("/v1/runs/{run}/comparison/{other}", Scope.Operate, map.On<TrackingEndpoints>(e => e.CompareAsync));
        map.Get("/v1/models/{model}/performance", Scope.Operate, map.On<TrackingEndpoints>(e => e.PerformanceAsync));
        map.Get("/v1/models/{model}/metrics", Scope.Operate, map.On<MetricEndpoints>(e => e.OfModelAsync));
        map.Post("/v1/feedback", Scope.Predict, map.On<FeedbackEndpoint>(e => e.TakeAsync));
        map.Get("/v1/alerts", Scope.Operate, map.On<AlertEndpoints>(e => e.ListAsync));
        map.Get("/v1/alerts/{alert}", Scope.Operate, map.On<AlertEndpoints>(e => e.ShowAsync));
        map.Post("/v1/alerts/{alert}/acknowledge", Scope.Operate, map.On<AlertEndpoints>(e => e.AcknowledgeAsync));
        map.Get("/v1/incidents", Scope.Operate, map.On<IncidentEndpoints>(e => e.ListAsync));
        map.Post("/v1/incidents", Scope.Operate, map.On<IncidentEndpoints>(e => e.OpenAsync));
        map.Get("/v1/incidents/{incident}", Scope.Operate, map.On<IncidentEndpoints>(e => e.ShowAsync));
        map.Post("/v1/incidents/{incident}", Scope.Operate, map.On<IncidentEndpoints>(e => e.UpdateAsync));
        map.Post("/v1/incidents/{incident}/close", Scope.Operate, map.On<IncidentEndpoints>(e => e.CloseAsync));
        map.Get("/health/live", Scope.Open, () => HealthEndpoints.LiveAsync);
        map.Get("/health/ready", Scope.Open, map.On<HealthEndpoints>(e => e.ReadyAsync));
        map.Get("/openapi/v1.json", Scope.Open, map.On<OpenApiEndpoint>(e => e.InvokeAsync));
        Mlflow.MlflowServices.Map(map);
        PageEndpoints.Map(map);
        return routes;
    }
}

/// <summary>Puts the guard before each endpoint, and makes endpoints when they are first called: a cold start pays for what it uses.</summary>
internal sealed class Mapping(IEndpointRouteBuilder routes, Guard guard)
{
    public IEndpointRouteBuilder Routes { get; } = routes;

    public Func<RequestDelegate> On<T>(Func<T, RequestDelegate> method) where T : notnull => () => method(Routes.ServiceProvider.GetRequiredService<T>());

    public void Get(string path, Scope scope, Func<RequestDelegate> endpoint, Func<IRefusals>? refusals = null) => Routes.MapGet(path, Lazily(scope, endpoint, refusals));

    public void Post(string path, Scope scope, Func<RequestDelegate> endpoint, Func<IRefusals>? refusals = null) => Routes.MapPost(path, Lazily(scope, endpoint, refusals));

    private RequestDelegate Lazily(Scope scope, Func<RequestDelegate> endpoint, Func<IRefusals>? refusals)
    {
        RequestDelegate? made = null;
        return guard.Wrap(scope, context => (made ??= endpoint())(context), refusals);
    }
}
