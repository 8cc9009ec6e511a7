namespace Bindwise.Model.Planning;

/// <summary>How much a remark matters.</summary>
internal enum PlanLevel : byte
{
    Note,
    Warning,
}
