namespace Bindwise.Lab.Drawing.Pictures;

/// <summary>The character for a cell that lines leave to up, right, down and left: 0 for no line, 1 for a light one, 2 for a heavy one.</summary>
internal static class LineSigns
{
    // By the arms in base 3, up most significant: Unicode's box drawing characters, U+2500 to U+257F, have one for every combination.
    private const string Unicode =
        " ╴╸╷┐┑╻┒┓╶─╾┌┬┭┎┰┱╺╼━┍┮┯┏┲┳╵┘┙│┤┥╽┧┪└┴┵├┼┽┟╁╅┕┶┷┝┾┿┢╆╈╹┚┛╿┦┩┃┨┫┖┸┹┞╀╃┠╂╉┗┺┻┡╄╇┣╊╋";

    /// <summary>The character.</summary>
    public static char Of(int up, int right, int down, int left, bool ascii)
    {
        if (!ascii)
            return Unicode[(27 * up) + (9 * right) + (3 * down) + left];
        var across = Math.Max(right, left);
        var along = Math.Max(up, down);
        return (across, along) switch
        {
            (0, 0) => ' ',
            (1, 0) => '-',
            (2, 0) => '=',
            (0, 1) => '|',
            (0, 2) => '#',
            _ => '+',
        };
    }
}
