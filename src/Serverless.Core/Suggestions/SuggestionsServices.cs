using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Serverless.Checks;
using Serverless.Suggestions.Rules;

namespace Serverless.Suggestions;

public static class SuggestionsServices
{
    /// <summary>Adds the rules that suggest checks, in the order in which their suggestions stand. A data engine belongs beside it.</summary>
    public static IServiceCollection AddSuggestions(this IServiceCollection services)
    {
        services.AddChecks();
        services.TryAddEnumerable(
        [
            ServiceDescriptor.Singleton<ISuggestionRule, CompleteIfComplete>(),
            ServiceDescriptor.Singleton<ISuggestionRule, RetainCompleteness>(),
            ServiceDescriptor.Singleton<ISuggestionRule, RetainType>(),
            ServiceDescriptor.Singleton<ISuggestionRule, UniqueIfUnique>(),
            ServiceDescriptor.Singleton<ISuggestionRule, CategoricalRange>(),
            ServiceDescriptor.Singleton<ISuggestionRule, FractionalCategoricalRange>(),
            ServiceDescriptor.Singleton<ISuggestionRule, NonNegativeNumbers>(),
            ServiceDescriptor.Singleton<ISuggestionRule, NumberRange>(),
            ServiceDescriptor.Singleton<ISuggestionRule, TextPattern>(),
            ServiceDescriptor.Singleton<ISuggestionRule, TextLength>(),
        ]);
        services.TryAddSingleton<ISuggester, Suggester>();
        return services;
    }
}
