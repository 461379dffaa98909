using Microsoft.AspNetCore.Http;
using Serverless.Scoring;

namespace Serverless.Web.Answers;

/// <summary>How a protocol says no. A body is written unless the answer has begun.</summary>
internal interface IRefusals
{
    /// <param name="title">The kind of trouble, the same each time.</param>
    /// <param name="detail">What it is this time, and what to do.</param>
    /// <param name="errors">By field, where fields are wrong.</param>
    /// <param name="rows">What the protocol calls <c>rows</c>.</param>
    Task WriteAsync(HttpContext context, int status, string title, string detail, FieldErrors? errors = null, string rows = "rows");
}

/// <summary>RFC 9457, as all routes of our own.</summary>
internal sealed class ProblemRefusals : IRefusals
{
    public static ProblemRefusals Shared { get; } = new();

    public Task WriteAsync(HttpContext context, int status, string title, string detail, FieldErrors? errors = null, string rows = "rows") =>
        Problem.WriteAsync(context, status, title, detail, errors);
}

/// <summary>Errors of fields in one sentence, for protocols whose refusals are one text.</summary>
internal static class FieldErrorText
{
    private const int Listed = 10;

    public static string Of(FieldErrors errors, string rows)
    {
        var all = errors.Fields.SelectMany(f => f.Value.Select(m => $"{Place(f.Key, rows)}: {m}")).Take(Listed).ToArray();
        return string.Join("; ", all) + (errors.Count > all.Length ? $"; and {errors.Count - all.Length} more" : "");
    }

    private static string Place(string field, string rows) => field.StartsWith("rows", StringComparison.Ordinal) && (field.Length == 4 || field[4] == '[') ? rows + field[4..] : field;
}
