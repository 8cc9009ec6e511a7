namespace Bindwise.Model.Rules;

/// <summary>What the rules say of a bind().</summary>
internal enum Outcome : byte
{
    /// <summary>bind() succeeds.</summary>
    Allowed,

    /// <summary>bind() fails, with the errno of <see cref="Decision.Errno"/>.</summary>
    Blocked,

    /// <summary>It hangs on facts that are unknown.</summary>
    Undetermined,
}
