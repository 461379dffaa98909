using System.Text.Json;

namespace Serverless.Runs;

/// <summary>The body of a work message: <c>{"run":"ingest-20010105040000-k3x9q2"}</c>. Messages carry ids only, so an old or repeated one does no harm.</summary>
internal static class RunMessages
{
    public static string Write(string id) => JsonSerializer.Serialize(new Body(id), ServerlessJson.Options);

    /// <summary>The run that a message names, or null when it names none.</summary>
    public static string? Read(string body)
    {
        try
        {
            return JsonSerializer.Deserialize<Body>(body, ServerlessJson.Options)?.Run;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record Body(string? Run);
}
