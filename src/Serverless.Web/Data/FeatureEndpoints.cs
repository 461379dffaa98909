using Microsoft.AspNetCore.Http;
using Serverless.FeatureViews.Catalogue;
using Serverless.Web.Answers;

namespace Serverless.Web.Data;

/// <summary>The catalogue of features, to read.</summary>
internal sealed class FeatureEndpoints(IFeatureCatalogue catalogue)
{
    public async Task ListAsync(HttpContext context) =>
        await Json.WriteAsync(context, await catalogue.ListAsync(context.RequestAborted).ConfigureAwait(false), Json.Shared.FeatureList).ConfigureAwait(false);
}
