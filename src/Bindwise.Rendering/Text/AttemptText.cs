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

    /// <summary><c>ok</c>, <c>EADDRINUSE</c>, <c>EADDRINUSE at listen()</c>, or that it is not known.</summary>
    public static string Outcome(Attempt attempt) => attempt switch
    {
        { Bind.Result: null } => "not known",
        { Bind.Result: not "ok" } => attempt.Bind.Result,
        { Listen: { Result: null } } => "bind() ok, listen() not known",
        { Listen: { Result: not "ok" } listen } => listen.Result + " at listen()",
        _ => "ok",
    };
}
