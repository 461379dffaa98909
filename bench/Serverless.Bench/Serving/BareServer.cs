using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Serverless.Bench.Serving;

/// <summary>The least that an HTTP prediction can cost on Kestrel: parse the same JSON to its last value, return a constant of the same length.</summary>
internal static class BareServer
{
    private static readonly byte[] Answer =
        """{"model":"flight-delay","predictions":[{"id":"01m82b16j413a2z7ye00000001","version":1,"role":"champion","prediction":true,"probability":0.5484712051442403,"score":0.5484712051442403}]}"""u8.ToArray();

    public static Task RunAsync(string url)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(url).ConfigureKestrel(k => k.AddServerHeader = false);
        var app = builder.Build();
        app.MapPost("/v1/models/{model}/predict", AnswerAsync);
        return app.RunAsync();
    }

    private static async Task AnswerAsync(HttpContext context)
    {
        var reader = context.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync();
            if (read.IsCompleted)
            {
                Parse(read.Buffer);
                reader.AdvanceTo(read.Buffer.End);
                break;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }

        context.Response.ContentType = "application/json";
        context.Response.ContentLength = Answer.Length;
        context.Response.BodyWriter.Write(Answer);
    }

    private static int Parse(ReadOnlySequence<byte> body)
    {
        var json = new Utf8JsonReader(body);
        var sum = 0;
        while (json.Read())
        {
            if (json.TokenType == JsonTokenType.Number) sum += (int)json.GetDouble();
            else if (json.TokenType == JsonTokenType.String) sum += json.GetString()!.Length;
        }

        return sum;
    }
}
