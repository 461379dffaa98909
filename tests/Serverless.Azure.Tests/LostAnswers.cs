using Azure.Core;
using Azure.Core.Pipeline;
using Serverless.Storage;

namespace Serverless.Azure.Tests;

/// <summary>A network that loses the answer to each change after the server has carried it out, once; the client repeats the request.</summary>
internal sealed class LostAnswers : HttpPipelinePolicy
{
    private readonly HashSet<string> lost = [];

    public int Count => lost.Count;

    public static (AzureStore Account, LostAnswers Network) Open()
    {
        AzuriteStore.OrSkip();
        var network = new LostAnswers();
        return (AzureStore.Create(AzuriteStore.Settings, o =>
        {
            o.Retry.Delay = TimeSpan.FromMilliseconds(1);
            o.AddPolicy(network, HttpPipelinePosition.PerRetry);
        }), network);
    }

    public static IdSource Ids => IdSource.System;

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        ProcessNext(message, pipeline);
        Lose(message);
    }

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        await ProcessNextAsync(message, pipeline);
        Lose(message);
    }

    private void Lose(HttpMessage message)
    {
        if (message.Request.Method == RequestMethod.Get || message.Request.Method == RequestMethod.Head || message.Response.IsError) return;
        lock (lost)
        {
            if (lost.Add(message.Request.ClientRequestId)) throw new IOException("the answer was lost");
        }
    }
}
