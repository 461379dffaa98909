namespace Serverless.Checks;

/// <summary>The states of one check's aggregates, in the order in which it asked for them.</summary>
public sealed class AggregateRow(IReadOnlyList<AggregateState?> states)
{
    public long Count(int index) => State<CountState>(index).Count;

    public ExtremesState Extremes(int index) => State<ExtremesState>(index);

    public MomentsState Moments(int index) => State<MomentsState>(index);

    public GroupsState Groups(int index) => State<GroupsState>(index);

    public CoMomentsState CoMoments(int index) => State<CoMomentsState>(index);

    public PairsState Pairs(int index) => State<PairsState>(index);

    public DataTypesState DataTypes(int index) => State<DataTypesState>(index);

    public ColumnsState Columns(int index) => State<ColumnsState>(index);

    public Profiles.ColumnState Values(int index) => State<ValuesOfColumnState>(index).Column;

    public double? Figure(int index) => State<FigureState>(index).Value;

    private T State<T>(int index) where T : AggregateState => states[index] as T
        ?? throw new InvalidOperationException("the states of several partitions cannot be merged for this check; it has to read the rows together");
}
