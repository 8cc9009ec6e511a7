using Bindwise.Model.Addresses;
using Bindwise.Model.Sockets;
using Bindwise.Model.Targets;

namespace Bindwise.Model.Diagnosing.Sentences;

/// <summary>Says aloud which options a pasted error's runtime brought into the question.</summary>
internal static class RuntimeDefaults
{
    /// <summary>One sentence; null when the text reveals nothing that changes the question.</summary>
    public static string? Of(PastedError pasted, BindRequest asked)
    {
        if ((pasted.Runtime ?? pasted.Program) is not { } who || asked.Protocol != Protocol.Tcp)
            return null;
        return pasted.SetsReuseAddress switch
        {
            true => $"The wording is that of {who}, which sets SO_REUSEADDR before bind(), so the verdict is for that.",
            false => $"The wording is that of {who}, whose bare sockets set no option, so the verdict is for a plain bind().",
            null => null,
        };
    }
}
