using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Serverless.Arrival;
using Serverless.Scoring;
using Serverless.Web.Answers;

namespace Serverless.Web.Predict;

/// <summary>
/// One way of asking for predictions: the form of request, answer and refusal. Everything else (which version answers, limits, validation, scoring, the log) is <see cref="PredictEndpoint"/>'s, the
/// same for all.
/// </summary>
internal interface IPredictProtocol : IRefusals
{
    Protocol Kind { get; }

    /// <summary>The model that is asked for.</summary>
    string Model(HttpContext context);

    /// <summary>True where <see cref="Rows"/> writes into <see cref="PredictScratch.Rows"/>, whose errors then count.</summary>
    bool Rewrites { get; }

    /// <summary>The request as <c>{"rows":[...]}</c>.</summary>
    ReadOnlySpan<byte> Rows(HttpContext context, ReadOnlyMemory<byte> body, ServedModel served, PredictScratch scratch);

    void Write(Utf8JsonWriter json, PredictAnswer answer, PredictScratch scratch);
}

/// <summary>What is answered, before it has a form. Used again by later requests.</summary>
internal sealed class PredictAnswer
{
    public ServedModel Served { get; set; } = null!;

    public PredictionRequest Request { get; set; } = new();

    /// <summary>By row.</summary>
    public List<string> Ids { get; } = [];

    public DataNote? Note { get; set; }

    /// <summary>What the answer waits for: its records on their way to the store. Null = nothing.</summary>
    public Task? Stored { get; set; }
}
