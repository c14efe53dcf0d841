"""The reply that says that the message went to somebody else of the family."""

import pytest

from rewards.claims.kin import names_another_of_kin
from rewards.outcome import told
from rewards.samples import gold, trajectory
from rl.data.catalog import load, make

# language; right replies to a message to one's mother, and one that names another of the family
SENT = [
    ("en", ["Just texted your mom that you're running ten minutes late.", "Your mother knows you'll be late.", "Sent! She knows."], "I told your dad you're running ten minutes late."),
    ("de", ["Ihrer Mutter ist geschrieben.", "Mama weiß Bescheid."], "Ich habe deinem Vater geschrieben."),
    ("fr", ["Je viens d'écrire à ta maman.", "Ta mère est prévenue."], "Je viens d'écrire à ta grand-mère."),
    ("es", ["Ya le escribí a tu mamá.", "Avisada tu madre."], "Ya avisé a tu padre."),
    ("ru", ["Написал маме.", "Сообщение отправлено вашей маме."], "Написал папе."),
    ("ar", ["بعتّ الرسالة لماما.", "تم إرسال الرسالة إلى والدتك."], "تم إرسال الرسالة إلى والدك."),
    ("hi", ["माँ को मैसेज भेज दिया।", "आपकी मम्मी को बता दिया है।"], "आपके पापा को मैसेज भेज दिया।"),
    ("bn", ["আপনার আম্মুকে জানিয়ে দিয়েছি।", "আপনার মাকে জানিয়েছি।"], "আব্বুকে জানিয়ে দিয়েছি।"),
    ("te", ["అమ్మకు మెసేజ్ పంపాను.", "మీ అమ్మగారికి చెప్పాను."], "మీ నాన్నకు మెసేజ్ పంపాను."),
    ("th", ["ส่งข้อความหาคุณแม่แล้วค่ะ", "บอกแม่ให้แล้วครับ"], "ส่งข้อความหาคุณพ่อแล้วค่ะ"),
    ("ja", ["お母さんに伝えました。", "お母様にメッセージを送りました。"], "お父さんに伝えました。"),
    ("ko", ["엄마께 메시지 보냈어요.", "어머니께 전해 드렸습니다."], "아버지께 전해 드렸습니다."),
    ("zh", ["已经告诉你妈妈了。", "消息发给您母亲了。"], "已经告诉你爸爸了。"),
    ("sw", ["Nimemwandikia mama yako.", "Ujumbe umetumwa kwa mama."], "Nimemwandikia baba yako."),
]  # fmt: skip


@pytest.mark.parametrize(("language", "right", "wrong"), SENT, ids=[row[0] for row in SENT])
def test_a_message_to_one_s_mother_went_to_nobody_else(language, right, wrong):
    task = make("message_contact", language, contact=0)
    for said in right:
        assert told(task, trajectory(task, gold(task).calls, said)) == 1.0, said
    assert told(task, trajectory(task, gold(task).calls, wrong)) == 0.0


def test_who_is_in_the_message_may_be_named():
    task = make("message_contact", "en", contact=1, request="Tell Emma Baker “Grandma is here”.")
    assert not names_another_of_kin(task, "She knows that your grandma is here.")
    assert names_another_of_kin(task, "I told your dad.")


@pytest.mark.parametrize("split", ["train", "test"])
def test_no_reply_of_the_catalog_names_another(split):
    for task in load(split, per_tool=1):
        assert not names_another_of_kin(task, task.expected.reply or ""), task.expected.reply
