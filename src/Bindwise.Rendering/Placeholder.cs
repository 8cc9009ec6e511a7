namespace Bindwise.Rendering;
internal static class Placeholder;
