//! Ethnic groups (GB/T 3304): two-digit codes and their names.

/// The names of the codes 01 to 56, in order.
const NAMES: [&str; 56] = [
    "汉",
    "蒙古",
    "回",
    "藏",
    "维吾尔",
    "苗",
    "彝",
    "壮",
    "布依",
    "朝鲜",
    "满",
    "侗",
    "瑶",
    "白",
    "土家",
    "哈尼",
    "哈萨克",
    "傣",
    "黎",
    "傈僳",
    "佤",
    "畲",
    "高山",
    "拉祜",
    "水",
    "东乡",
    "纳西",
    "景颇",
    "柯尔克孜",
    "土",
    "达斡尔",
    "仫佬",
    "羌",
    "布朗",
    "撒拉",
    "毛南",
    "仡佬",
    "锡伯",
    "阿昌",
    "普米",
    "塔吉克",
    "怒",
    "乌孜别克",
    "俄罗斯",
    "鄂温克",
    "德昂",
    "保安",
    "裕固",
    "京",
    "塔塔尔",
    "独龙",
    "鄂伦春",
    "赫哲",
    "门巴",
    "珞巴",
    "基诺",
];

/// The codes outside the row.
const FURTHER: [(&str, &str); 2] = [("97", "其他"), ("98", "外国血统中国籍人士")];

/// The name of a two-digit code; `None` when the standard has no such code.
pub fn name(code: &str) -> Option<&'static str> {
    if let Some((_, name)) = FURTHER.iter().find(|(further, _)| *further == code) {
        return Some(name);
    }
    if code.len() != 2 || !code.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    NAMES.get(code.parse::<usize>().ok()?.checked_sub(1)?).copied()
}

/// The two-digit code of a name as [`name`] gives it; `None` when the standard has no such name.
pub fn code(name: &str) -> Option<String> {
    let further = FURTHER.iter().find(|(_, further)| *further == name).map(|(code, _)| (*code).to_owned());
    further.or_else(|| NAMES.iter().position(|known| *known == name).map(|at| format!("{:02}", at + 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_their_names() {
        for (code, expected) in [
            ("01", "汉"),
            ("11", "满"),
            ("29", "柯尔克孜"),
            ("44", "俄罗斯"),
            ("56", "基诺"),
            ("97", "其他"),
            ("98", "外国血统中国籍人士"),
        ] {
            assert_eq!(name(code), Some(expected), "{code}");
        }
        for code in ["00", "57", "99", "1", "+1", "001", "汉", ""] {
            assert_eq!(name(code), None, "{code}");
        }
    }

    #[test]
    fn every_name_has_its_code() {
        let named: Vec<_> =
            (0..100).filter_map(|n| Some((format!("{n:02}"), name(&format!("{n:02}"))?))).collect();
        assert_eq!(named.len(), 58);
        for (number, name) in named {
            assert_eq!(code(name), Some(number));
        }
        assert_eq!(code("汉族"), None);
        assert_eq!(code(""), None);
    }
}
