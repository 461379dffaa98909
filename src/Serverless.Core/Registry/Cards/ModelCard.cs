namespace Serverless.Registry.Cards;

/// <summary>A model card (M. Mitchell et al., "Model Cards for Model Reporting", 2019): sections of facts, each there only where its facts are.</summary>
public sealed record ModelCard(string Title, string? Lead, IReadOnlyList<CardSection> Sections);

public sealed record CardSection(string Heading, IReadOnlyList<CardBlock> Blocks);

/// <summary>One of a paragraph, a list, named facts, and a table.</summary>
public abstract record CardBlock;

public sealed record CardText(string Text) : CardBlock;

public sealed record CardList(IReadOnlyList<string> Items) : CardBlock;

public sealed record CardFacts(IReadOnlyList<(string Name, string Value)> Facts) : CardBlock;

/// <param name="Headings">One that begins with <c>></c> is of figures, aligned to the right.</param>
public sealed record CardTable(IReadOnlyList<string> Headings, IReadOnlyList<IReadOnlyList<string>> Rows) : CardBlock;
