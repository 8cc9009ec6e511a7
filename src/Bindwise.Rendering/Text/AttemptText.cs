using Bindwise.Model.Addresses;
using Bindwise.Model.Diagnosing;

namespace Bindwise.Rendering.Text;

/// <summary>An attempt in few words.</summary>
internal static class AttemptText
{
    /// <summary>The address without the port, as <c>0.0.0.0</c>, <c>::</c>; the path for UNIX.</summary>
    public static string Address(Attempt attempt) => attempt.Request.Protocol == Protocol.Unix
        ? attempt.Request.Path ?? ""
        : attempt.Request.Address + (attempt.Request.Scope is { } scope ? "%" + scope : "");

    /// <summary><c>ok</c>, <c>EADDRINUSE</c>, <c>EADDRINUSE at listen()</c>, or that it is unknown.</summary>
    public static string Outcome(Attempt attempt) => attempt switch
    {
        { Bind.Result: null } => "unknown",
        { Bind.Result: not "ok" } => attempt.Bind.Result,
        { Listen: { Result: null } } => "bind() ok, listen() unknown",
        { Listen: { Result: not "ok" } listen } => listen.Result + " at listen()",
        _ => "ok",
    };
}
