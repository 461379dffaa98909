using System.Globalization;
using Microsoft.AspNetCore.Http;
using Serverless.Registry;
using Serverless.Web.Answers;

namespace Serverless.Web.Models;

/// <summary>The header <c>If-Match</c> (RFC 9110, 13.1.1) of operations that move the champion: its entity tag is the number of the champion that the caller saw.</summary>
internal static class IfMatch
{
    /// <summary>Null without the header. Throws <see cref="FieldException"/> when it is not the number of a version.</summary>
    public static ExpectedChampion? Champion(HttpRequest request)
    {
        if (!Given(request)) return null;
        var text = request.Headers.IfMatch.ToString().Trim();
        return int.TryParse(text.Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? ExpectedChampion.Of(number)
            : throw new FieldException($"If-Match: expected the number of the champion that you saw in quotation marks, such as \"3\", or \"0\" when there was none; got '{text}'.");
    }

    public static bool Given(HttpRequest request) => request.Headers.IfMatch.Count > 0;
}
