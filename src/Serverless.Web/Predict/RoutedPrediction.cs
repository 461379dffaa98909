using Microsoft.AspNetCore.Http;
using Serverless.Rollouts;
using Serverless.Scoring;

namespace Serverless.Web.Predict;

/// <summary>
/// Where requests of every protocol meet a rollout: who answers, what is counted, who looks on. Without a rollout the champion answers and nothing of this costs anything.
/// </summary>
internal sealed class RoutedPrediction(ModelRouter router, VariantScoring scoring, ShadowAnswers shadows, PredictionIds ids, RequestLimits limits, TimeProvider time)
{
    /// <summary>Subject and groups of a request whose body has no place for them.</summary>
    public const string SubjectHeader = "x-subject", GroupsHeader = "x-groups";

    /// <summary>Null without a rollout, and where the address names a version.</summary>
    public ServingPlan? PlanOf(HttpContext context, ServedModel champion) => router.Of(champion) is { } plan && PredictEndpoint.NamedVersion(context) is null ? plan : null;

    /// <param name="body">As <c>{"rows":[...],"subject":"..."}</c>.</param>
    public Route Choose(ServingPlan plan, HttpRequest request, ReadOnlySpan<byte> body)
    {
        var (subject, groups) = SubjectField.Find(body, plan.UsesGroups);
        if (subject is null && request.Headers[SubjectHeader] is [{ Length: > 0 } header] && header.Length <= limits.MaxSubject) subject = header;
        if (plan.UsesGroups && groups is null && request.Headers[GroupsHeader] is [{ Length: > 0 } some]) groups = some.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var id = subject is null ? ids.Next(time.GetUtcNow().UtcDateTime) : null;
        return new Route(plan, plan.Choose(subject, groups, id!), id);
    }

    /// <summary>Asks a variant that is not the champion.</summary>
    public VariantCall Begin(in Choice choice, ReadOnlySpan<byte> body) => scoring.Begin(choice, body, RequestReader.Read);

    /// <summary>What the variant answered, to be given back; null = the champion answers, for the reason of the choice.</summary>
    public ValueTask<(PredictionRequest? Request, Choice Choice)> EndAsync(VariantCall call, CancellationToken cancel) => scoring.EndAsync(call, cancel);

    public void Return(PredictionRequest request) => scoring.Return(request);

    /// <summary>Counts what the champion answered.</summary>
    public static void Count(in Choice choice, PredictionRequest request, ServedModel champion, TimeSpan took)
    {
        var good = request.Errors is null && !request.TooManyRows;
        if (choice.Variant.Model is not null)
        {
            if (good) VariantScoring.Blame(choice);
            return;
        }

        if (good)
        {
            choice.Variant.Counters.Answered(took);
            for (var i = 0; i < request.Count; i++) choice.Variant.Counters.Scored(champion.Answers.Score(request.Outputs(i)));
        }
        else if (request.NotFinite) choice.Variant.Counters.Failed();
    }

    /// <summary>Hands the rows to the version that looks on, if there is one. Never waits.</summary>
    public void Shadow(in Route route, ServedModel champion, PredictAnswer answer, ReadOnlySpan<byte> body)
    {
        if (route.Choice.Variant.Shadow is not null) shadows.Offer(route.Plan!, route.Choice, champion, answer.Request, answer.Ids, body);
    }
}

/// <summary>How a request came to its version; empty without a rollout.</summary>
/// <param name="Id">Of the first prediction, where it had to be known before.</param>
internal readonly record struct Route(ServingPlan? Plan, Choice Choice, string? Id)
{
    public RouteNote Note => Plan?.Note(Choice) ?? default;
}
