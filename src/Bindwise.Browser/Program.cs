namespace Bindwise.Browser;

/// <summary>Trimming needs a place to start from (IL1034). Nothing runs by itself: pages call <see cref="ModelExports"/>.</summary>
internal static class Program
{
    private static void Main()
    {
        // The runtime's start is all that happens.
    }
}
